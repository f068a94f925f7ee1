package dev.reseolio;

import java.time.Duration;

/// The job was not finished within the time the caller would wait. The job goes on.
public class ResultTimeoutException extends ReseolioException {
  private static final long serialVersionUID = 1;

  private final String jobId;

  public ResultTimeoutException(String jobId, Duration waited) {
    super(
        "result_timeout",
        "Job "
            + jobId
            + " was not finished after "
            + waited
            + "; it goes on, ask again or wait longer");
    this.jobId = jobId;
  }

  public String jobId() {
    return jobId;
  }
}
