package dev.reseolio;

/// The job was cancelled before it finished.
public class JobCancelledException extends ReseolioException {
  private static final long serialVersionUID = 1;

  private final String jobId;

  public JobCancelledException(String jobId) {
    super("job_cancelled", "Job " + jobId + " was cancelled before it finished");
    this.jobId = jobId;
  }

  public String jobId() {
    return jobId;
  }
}
