package dev.reseolio;

import org.jspecify.annotations.Nullable;

/// The sidecar was not reachable in time, or this instance is closed. Nothing was sent.
public class NotConnectedException extends ReseolioException {
  private static final long serialVersionUID = 1;

  public NotConnectedException(String message) {
    this(message, null);
  }

  public NotConnectedException(String message, @Nullable Throwable cause) {
    super("not_connected", message, cause);
  }
}
