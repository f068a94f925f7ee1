package dev.reseolio;

import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.internal.wire.Statuses;
import dev.reseolio.internal.wire.Times;
import dev.reseolio.proto.v1.Job;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A job as it was stored when it was asked for.
public final class JobDetails {
  private final Job job;
  private final Payloads payloads;

  JobDetails(Job job, Payloads payloads) {
    this.job = job;
    this.payloads = payloads;
  }

  public String id() {
    return job.getId();
  }

  public String function() {
    return job.getFunction();
  }

  public JobStatus status() {
    return Statuses.of(job.getStatus());
  }

  public String queue() {
    return job.getQueue();
  }

  /// 0 (runs first) to 9 (runs last).
  public int priority() {
    return job.getPriority();
  }

  /// Number of the current or next execution; of the last one when the job is finished.
  public int attempt() {
    return job.getAttempt();
  }

  /// Failed attempts charged to [#maxAttempts()] so far.
  public int failures() {
    return job.getFailures();
  }

  public int maxAttempts() {
    return job.getMaxAttempts();
  }

  /// Time one attempt may take.
  public Duration timeout() {
    return Times.fromProto(job.getTimeout());
  }

  public Optional<String> idempotencyKey() {
    return Optional.of(job.getIdempotencyKey()).filter(key -> !key.isEmpty());
  }

  public List<String> tags() {
    return List.copyOf(job.getTagsList());
  }

  public Instant createdAt() {
    return Times.fromProto(job.getCreatedAt());
  }

  /// When the job is due. Empty unless scheduled.
  public Optional<Instant> runAt() {
    return Times.fromProto(job.hasRunAt(), job.getRunAt());
  }

  /// Start of the last finished attempt.
  public Optional<Instant> startedAt() {
    return Times.fromProto(job.hasStartedAt(), job.getStartedAt());
  }

  public Optional<Instant> finishedAt() {
    return Times.fromProto(job.hasFinishedAt(), job.getFinishedAt());
  }

  /// The job must not start another attempt after this.
  public Optional<Instant> deadline() {
    return Times.fromProto(job.hasDeadline(), job.getDeadline());
  }

  /// The last error.
  public Optional<JobError> error() {
    return Statuses.of(job.hasError(), job.getError());
  }

  /// Finished executions, oldest first.
  public List<JobAttempt> attempts() {
    return job.getAttemptsList().stream().map(Statuses::of).toList();
  }

  /// Its finished steps, oldest first; the newest 1000.
  public List<JobStep> steps() {
    return job.getStepsList().stream().map(Statuses::of).toList();
  }

  /// Why the job does not run now, in one sentence. Empty: it runs or is finished.
  public Optional<String> why() {
    return Optional.of(job.getWhy()).filter(why -> !why.isEmpty());
  }

  /// The arguments, one for each type.
  public @Nullable Object[] arguments(Type... types) {
    return payloads.decodeArguments(job.getArgs(), List.of(types));
  }

  /// What the function returned; null unless succeeded.
  public <T> @Nullable T result(Class<T> type) {
    return job.hasResult() ? type.cast(payloads.decode(job.getResult(), type)) : null;
  }

  @Override
  public String toString() {
    return "job " + id() + " of " + function() + ": " + status() + ", attempt " + attempt();
  }
}
