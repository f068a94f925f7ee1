package dev.reseolio;

/// Where a job stands.
public enum JobStatus {
  /// Due later: delayed by its caller, or between two attempts.
  SCHEDULED,
  /// Due, waiting for a worker with a free slot.
  PENDING,
  /// A worker has it.
  RUNNING,
  /// Suspended; holds no slot.
  WAITING,
  /// Finished with a result.
  SUCCEEDED,
  /// Attempts used up, or an error that must not be retried; [JobHandle#retry()] gives it a new
  /// round.
  DEAD,
  /// Cancelled before it finished.
  CANCELLED,
  /// A status this version of the SDK does not know.
  UNKNOWN;

  /// True when the job will not change any more unless somebody retries it.
  public boolean isTerminal() {
    return this == SUCCEEDED || this == DEAD || this == CANCELLED;
  }
}
