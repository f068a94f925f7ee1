package dev.reseolio;

/// The job is dead: its attempts are used up, or its last error must not be retried. The message is
/// the last error's.
public class JobFailedException extends ReseolioException {
  private static final long serialVersionUID = 1;

  private final String jobId;
  private final int attempts;
  private final String type;

  public JobFailedException(String jobId, int attempts, String type, String message) {
    super("job_failed", message);
    this.jobId = jobId;
    this.attempts = attempts;
    this.type = type;
  }

  public String jobId() {
    return jobId;
  }

  /// Number of the last execution.
  public int attempts() {
    return attempts;
  }

  /// Class or code of the last error, as the worker named it, e.g. `IllegalStateException`.
  public String type() {
    return type;
  }
}
