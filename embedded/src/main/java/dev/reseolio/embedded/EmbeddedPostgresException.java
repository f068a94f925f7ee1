package dev.reseolio.embedded;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// The embedded PostgreSQL could not be started, joined or stopped. The message says what was
/// expected, what came and what to do; it never holds the password.
public final class EmbeddedPostgresException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  EmbeddedPostgresException(String message) {
    super(message);
  }

  EmbeddedPostgresException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
