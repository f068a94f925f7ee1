package dev.reseolio.engine.job;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An expected failure, told to the caller: a stable reason and a message that says what was
/// expected, what came and what to do. Never carries SQL.
public final class EngineException extends RuntimeException {
  private final Reason reason;
  private final @Nullable String field;

  public EngineException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  public EngineException(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, null, cause);
  }

  private EngineException(
      Reason reason, String message, @Nullable String field, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.field = field;
  }

  public static EngineException invalid(String field, String message) {
    return new EngineException(Reason.INVALID_ARGUMENT, message, field, null);
  }

  /// What is told about a job that does not exist, or that the caller may not know of. Whoever was
  /// given its id has lost it to a failover, or is late.
  public static EngineException noJob(UUID id) {
    return new EngineException(
        Reason.JOB_NOT_FOUND,
        "there is no job %s: it never existed, its retention is over, or a failover of the database lost it"
            .formatted(id));
  }

  public Reason reason() {
    return reason;
  }

  /// The field at fault, or null.
  public @Nullable String field() {
    return field;
  }
}
