package dev.reseolio.server.access;

import java.io.Serial;

/// A file that security depends on cannot be used. The message says what was expected, what came
/// and what to do, and quotes nothing secret.
public final class UnusableFileException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public UnusableFileException(String message) {
    super(message);
  }
}
