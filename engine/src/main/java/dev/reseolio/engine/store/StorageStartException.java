package dev.reseolio.engine.store;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The storage cannot be used as it is configured. The message is for the operator: it says what
/// was expected, what came and what to do; it carries no password and no SQL.
public final class StorageStartException extends RuntimeException {
  /// Why, as a stable code.
  public enum Reason {
    /// The URL cannot be read.
    STORAGE_URL_INVALID,
    /// Nobody answers there, or only to say that it is starting or full. Waiting may help.
    STORAGE_UNREACHABLE,
    /// The connection cannot be encrypted as the URL asks, or the server does not prove who it is.
    STORAGE_TLS_FAILED,
    /// User, password or client certificate are refused.
    STORAGE_AUTH_FAILED,
    /// The server has no database of that name.
    STORAGE_DATABASE_MISSING,
    /// Something else than PostgreSQL answers on that port.
    STORAGE_NOT_POSTGRESQL,
    /// PostgreSQL before 14.
    STORAGE_TOO_OLD,
    /// A standby, or a database set to read-only. Waiting may help during a failover.
    STORAGE_READ_ONLY,
    /// The role may not do what is needed.
    STORAGE_NO_RIGHTS,
    /// A newer program has migrated the schema.
    SCHEMA_TOO_NEW,
    /// The schema was made by other migrations than those of this program.
    SCHEMA_CHANGED,
    /// Anything else; the log has the cause.
    STORAGE_FAILED;

    /// The code as it is printed, e.g. `storage_unreachable`.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// Trying again later, with nothing changed, may succeed.
    public boolean passing() {
      return this == STORAGE_UNREACHABLE || this == STORAGE_READ_ONLY;
    }
  }

  private final Reason reason;

  public StorageStartException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
