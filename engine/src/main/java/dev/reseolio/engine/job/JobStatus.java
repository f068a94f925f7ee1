package dev.reseolio.engine.job;

/// Where a job stands. The numbers are those of the protocol and of the `done` table.
public enum JobStatus {
  SCHEDULED(1),
  PENDING(2),
  RUNNING(3),
  WAITING(4),
  SUCCEEDED(5),
  DEAD(6),
  CANCELLED(7);

  private final int code;

  JobStatus(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// True when nothing happens to the job any more, unless somebody retries it.
  public boolean terminal() {
    return code >= SUCCEEDED.code;
  }

  public static JobStatus of(int code) {
    return values()[code - 1];
  }
}
