package dev.reseolio.engine.store;

import org.jspecify.annotations.Nullable;

/// A failure of the database, sorted by what the caller can do about it. The message is for logs,
/// never for clients.
public final class StoreException extends RuntimeException {
  public enum Kind {
    /// The connection could not be had or broke. What was under way may or may not have been
    /// committed.
    UNAVAILABLE,
    /// Rolled back for a passing reason (deadlock, timeout, disk full, read-only); the same call
    /// may succeed later.
    TRANSIENT,
    /// Rolled back because of the data of the call; it would fail again.
    REJECTED,
    /// The caller's incarnation has been fenced; it owns nothing any more.
    FENCED
  }

  private final Kind kind;

  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
