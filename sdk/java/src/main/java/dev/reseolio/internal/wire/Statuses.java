package dev.reseolio.internal.wire;

import dev.reseolio.JobAttempt;
import dev.reseolio.JobError;
import dev.reseolio.JobStatus;
import dev.reseolio.JobStep;
import dev.reseolio.proto.v1.Attempt;
import dev.reseolio.proto.v1.AttemptOutcome;
import java.util.Optional;

/// Enums and small values of a job, from the wire. Values this version does not know become
/// UNKNOWN.
public final class Statuses {
  private Statuses() {}

  public static JobStatus of(dev.reseolio.proto.v1.JobStatus status) {
    return switch (status) {
      case JOB_STATUS_SCHEDULED -> JobStatus.SCHEDULED;
      case JOB_STATUS_PENDING -> JobStatus.PENDING;
      case JOB_STATUS_RUNNING -> JobStatus.RUNNING;
      case JOB_STATUS_WAITING -> JobStatus.WAITING;
      case JOB_STATUS_SUCCEEDED -> JobStatus.SUCCEEDED;
      case JOB_STATUS_DEAD -> JobStatus.DEAD;
      case JOB_STATUS_CANCELLED -> JobStatus.CANCELLED;
      case JOB_STATUS_UNSPECIFIED, UNRECOGNIZED -> JobStatus.UNKNOWN;
    };
  }

  public static JobAttempt of(Attempt a) {
    return new JobAttempt(
        a.getNumber(),
        of(a.getOutcome()),
        Times.fromProto(a.getStartedAt()),
        Times.fromProto(a.getEndedAt()),
        of(a.hasError(), a.getError()),
        Times.fromProto(a.hasRetryAt(), a.getRetryAt()));
  }

  public static JobStep of(dev.reseolio.proto.v1.JobStep s) {
    return new JobStep(
        s.getKey(), s.getAttempt(), Times.fromProto(s.getRecordedAt()), s.getResultBytes());
  }

  public static Optional<JobError> of(boolean has, dev.reseolio.proto.v1.JobError e) {
    return has
        ? Optional.of(new JobError(e.getType(), e.getMessage(), e.getStack()))
        : Optional.empty();
  }

  private static JobAttempt.Outcome of(AttemptOutcome outcome) {
    return switch (outcome) {
      case ATTEMPT_OUTCOME_SUCCEEDED -> JobAttempt.Outcome.SUCCEEDED;
      case ATTEMPT_OUTCOME_FAILED -> JobAttempt.Outcome.FAILED;
      case ATTEMPT_OUTCOME_TIMED_OUT -> JobAttempt.Outcome.TIMED_OUT;
      case ATTEMPT_OUTCOME_WORKER_LOST -> JobAttempt.Outcome.WORKER_LOST;
      case ATTEMPT_OUTCOME_NODE_LOST -> JobAttempt.Outcome.NODE_LOST;
      case ATTEMPT_OUTCOME_RELEASED -> JobAttempt.Outcome.RELEASED;
      case ATTEMPT_OUTCOME_CANCELLED -> JobAttempt.Outcome.CANCELLED;
      case ATTEMPT_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> JobAttempt.Outcome.UNKNOWN;
    };
  }
}
