package dev.reseolio.server.config;

import java.io.Serial;

/// The configuration cannot be used. The message says what was expected, what came and what to do.
public final class ConfigException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private final String message;

  public ConfigException(String message) {
    super(message);
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }
}
