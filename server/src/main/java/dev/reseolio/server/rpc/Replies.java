package dev.reseolio.server.rpc;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.RecordedStep;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.proto.v1.Attempt;
import dev.reseolio.proto.v1.AttemptOutcome;
import dev.reseolio.proto.v1.BackoffType;
import dev.reseolio.proto.v1.Job;
import dev.reseolio.proto.v1.JobError;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.JobStatus;
import dev.reseolio.proto.v1.JobStep;
import dev.reseolio.proto.v1.ListStepsResponse;
import java.time.Instant;

/// The engine's values, as clients get them.
final class Replies {
  private Replies() {}

  /// @param whole with arguments, result, attempts and steps
  static Job job(JobView view, boolean whole) {
    NewJob asked = view.job();
    Job.Builder job =
        Job.newBuilder()
            .setId(view.id().toString())
            .setFunction(view.lane().function())
            .setStatus(status(view.status()))
            .setQueue(view.lane().queue())
            .setPriority(asked.priority())
            .setAttempt(view.progress().attempt())
            .setFailures(view.progress().failures())
            .setMaxAttempts(asked.policy().maxAttempts())
            .setTimeout(duration(asked.policy().timeout()))
            .setBackoff(backoff(asked.policy().backoff()))
            .setCreatedAt(timestamp(view.createdAt()))
            .addAllTags(asked.labels().tags());
    setOptional(job, view);
    if (whole) {
      job.setArgs(payload(asked.args()));
      view.attempts().forEach(a -> job.addAttempts(attempt(a)));
      view.steps().forEach(s -> job.addSteps(step(s)));
    }
    return job.build();
  }

  private static void setOptional(Job.Builder job, JobView view) {
    NewJob asked = view.job();
    if (asked.labels().key() != null) {
      job.setIdempotencyKey(asked.labels().key());
    }
    if (asked.due().deadline() != null) {
      job.setDeadline(timestamp(asked.due().deadline()));
    }
    if (view.runAt() != null) {
      job.setRunAt(timestamp(view.runAt()));
    }
    if (view.startedAt() != null) {
      job.setStartedAt(timestamp(view.startedAt()));
    }
    if (view.finishedAt() != null) {
      job.setFinishedAt(timestamp(view.finishedAt()));
    }
    if (view.end() != null && view.end().result() != null) {
      job.setResult(payload(view.end().result()));
    }
    if (view.lastError() != null) {
      job.setError(error(view.lastError()));
    }
    if (view.why() != null) {
      job.setWhy(view.why());
    }
  }

  static JobResult result(JobEnd end) {
    JobResult.Builder result =
        JobResult.newBuilder()
            .setJobId(end.id().toString())
            .setStatus(status(end.status()))
            .setAttempt(end.attempt());
    if (end.result() != null) {
      result.setResult(payload(end.result()));
    }
    if (end.error() != null) {
      result.setError(error(end.error()));
    }
    return result.build();
  }

  private static Attempt attempt(JobView.Attempt from) {
    Attempt.Builder attempt =
        Attempt.newBuilder()
            .setNumber(from.number())
            .setOutcome(AttemptOutcome.forNumber(from.outcome().code()))
            .setEndedAt(timestamp(from.endedAt()))
            .setNode(from.node());
    if (from.startedAt() != null) {
      attempt.setStartedAt(timestamp(from.startedAt()));
    }
    if (from.retryAt() != null) {
      attempt.setRetryAt(timestamp(from.retryAt()));
    }
    if (from.error() != null) {
      attempt.setError(error(from.error()));
    }
    return attempt.build();
  }

  private static JobStep step(JobView.Step from) {
    return JobStep.newBuilder()
        .setKey(from.key())
        .setAttempt(from.attempt())
        .setRecordedAt(timestamp(from.recordedAt()))
        .setResultBytes(from.resultBytes())
        .build();
  }

  static ListStepsResponse steps(StepPage page) {
    ListStepsResponse.Builder answer = ListStepsResponse.newBuilder();
    page.steps().forEach(s -> answer.addSteps(recorded(s)));
    if (page.next() != null) {
      answer.setNextAfter(page.next());
    }
    return answer.build();
  }

  private static dev.reseolio.proto.v1.RecordedStep recorded(RecordedStep from) {
    var step = dev.reseolio.proto.v1.RecordedStep.newBuilder().setKey(from.key());
    if (!from.result().isNothing()) {
      step.setResult(payload(from.result()));
    }
    return step.build();
  }

  static JobStatus status(dev.reseolio.engine.job.JobStatus status) {
    return JobStatus.forNumber(status.code());
  }

  static dev.reseolio.proto.v1.Payload payload(Payload payload) {
    var wire = dev.reseolio.proto.v1.Payload.newBuilder().setData(Requests.bytes(payload));
    if (payload.type() != null) {
      wire.setContentType(payload.type());
    }
    return wire.build();
  }

  static JobError error(dev.reseolio.engine.job.JobError error) {
    JobError.Builder wire = JobError.newBuilder().setType(error.type()).setMessage(error.message());
    if (error.stack() != null) {
      wire.setStack(error.stack());
    }
    return wire.build();
  }

  private static dev.reseolio.proto.v1.Backoff backoff(Backoff backoff) {
    return dev.reseolio.proto.v1.Backoff.newBuilder()
        .setType(type(backoff.type()))
        .setInitial(duration(backoff.initial()))
        .setFactor(backoff.factor())
        .setMax(duration(backoff.max()))
        .setJitter(backoff.jitter())
        .build();
  }

  private static BackoffType type(Backoff.Type type) {
    return switch (type) {
      case EXPONENTIAL -> BackoffType.BACKOFF_TYPE_EXPONENTIAL;
      case LINEAR -> BackoffType.BACKOFF_TYPE_LINEAR;
      case FIXED -> BackoffType.BACKOFF_TYPE_FIXED;
    };
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
