package dev.reseolio.engine.job;

/// How one execution ended. The numbers are those of the protocol and of the `attempt` table.
public enum AttemptOutcome {
  SUCCEEDED(1),
  FAILED(2),
  TIMED_OUT(3),
  WORKER_LOST(4),
  NODE_LOST(5),
  RELEASED(6),
  CANCELLED(7);

  private final int code;

  AttemptOutcome(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  public static AttemptOutcome of(int code) {
    return values()[code - 1];
  }
}
