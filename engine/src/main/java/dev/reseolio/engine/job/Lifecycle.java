package dev.reseolio.engine.job;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The rules of a job's life: one pure function from an execution and its outcome to a decision.
/// docs/states.md draws it.
public final class Lifecycle {
  /// Executions are numbered in 16 bits, and only handing back is without a budget of its own.
  private static final int MOST_EXECUTIONS = 30_000;

  /// See [#apart].
  public static final Duration APART = Duration.ofMillis(250);

  /// See [#apart].
  public static final int MOST_DOUBLINGS = 8;

  private final int crashBudget;
  private final RandomGenerator random;

  /// @param crashBudget lost workers and nodes a job may survive in one round; one more and it is
  ///   dead
  public Lifecycle(int crashBudget, RandomGenerator random) {
    this.crashBudget = crashBudget;
    this.random = random;
  }

  /// An execution as the rules see it.
  ///
  /// @param deadline total deadline of the job; null: none
  /// @param cancelRequested somebody asked to cancel the job
  public record Situation(
      Progress progress, RunPolicy policy, @Nullable Instant deadline, boolean cancelRequested) {}

  public Decision decide(Situation job, Outcome outcome, Instant now) {
    return switch (outcome) {
      case Outcome.Succeeded s ->
          new Decision.Finish(
              JobStatus.SUCCEEDED, AttemptOutcome.SUCCEEDED, job.progress(), s.result(), null);
      case Outcome.Cancelled() -> cancelled(job);
      case Outcome.DeadlineExceeded() ->
          dead(AttemptOutcome.TIMED_OUT, job.progress().failed(), deadlineError());
      case Outcome.Failed f -> failed(job, f, now);
      case Outcome.TimedOut t ->
          retryOrBury(job, AttemptOutcome.TIMED_OUT, timeoutError(t.timeout()), null, now);
      case Outcome.WorkerLost w -> crashed(job, w, now);
      case Outcome.Released() -> released(job);
    };
  }

  private Decision failed(Situation job, Outcome.Failed failure, Instant now) {
    if (!failure.retryable()) {
      return job.cancelRequested()
          ? cancelled(job)
          : dead(AttemptOutcome.FAILED, job.progress().failed(), failure.error());
    }
    return retryOrBury(job, AttemptOutcome.FAILED, failure.error(), failure.retryAfter(), now);
  }

  private Decision retryOrBury(
      Situation job,
      AttemptOutcome outcome,
      JobError error,
      @Nullable Duration after,
      Instant now) {
    if (job.cancelRequested()) {
      return cancelled(job);
    }
    Progress charged = job.progress().failed();
    if (charged.failures() >= job.policy().maxAttempts()) {
      return dead(outcome, charged, error);
    }
    Duration delay =
        after != null ? bounded(after) : job.policy().backoff().delay(charged.failures(), random);
    Instant runAt = now.plus(delay);
    if (job.deadline() != null && !runAt.isBefore(job.deadline())) {
      return dead(outcome, charged, error);
    }
    return new Decision.Again(outcome, charged, runAt, error);
  }

  private static Duration bounded(Duration after) {
    return after.isNegative()
        ? Duration.ZERO
        : after.compareTo(Backoff.LIMIT) > 0 ? Backoff.LIMIT : after;
  }

  private Decision crashed(Situation job, Outcome.WorkerLost lost, Instant now) {
    if (job.cancelRequested()) {
      return cancelled(job);
    }
    Progress charged = job.progress().crashed();
    JobError error =
        JobError.of(
            "WorkerLost", "worker %s went away while it ran the job".formatted(lost.worker()));
    return charged.crashes() > crashBudget
        ? dead(AttemptOutcome.WORKER_LOST, charged, crashBudgetError(charged.crashes()))
        : new Decision.Again(
            AttemptOutcome.WORKER_LOST, charged, apart(charged.crashes(), now, random), error);
  }

  /// When a job runs again that was lost with its worker or node: at once the first time. Of those
  /// that are lost together again one may be the cause, so each comes back at a time of its own,
  /// within [#APART] doubled with every crash (at most [#MOST_DOUBLINGS] times): the others end
  /// before it strikes again.
  ///
  /// @param crashes of this round, the last included
  /// @return null: at once
  public static @Nullable Instant apart(int crashes, Instant now, RandomGenerator random) {
    long window = APART.toMillis() << Math.min(crashes, MOST_DOUBLINGS);
    return crashes < 2 ? null : now.plusMillis(random.nextLong(window));
  }

  private static Decision released(Situation job) {
    if (job.cancelRequested()) {
      return cancelled(job);
    }
    return job.progress().attempt() >= MOST_EXECUTIONS
        ? dead(AttemptOutcome.RELEASED, job.progress(), handedBackError())
        : new Decision.Again(AttemptOutcome.RELEASED, job.progress(), null, null);
  }

  private static Decision cancelled(Situation job) {
    return new Decision.Finish(
        JobStatus.CANCELLED, AttemptOutcome.CANCELLED, job.progress(), null, cancelError());
  }

  private static Decision dead(AttemptOutcome outcome, Progress progress, JobError error) {
    return new Decision.Finish(JobStatus.DEAD, outcome, progress, null, error);
  }

  public static JobError cancelError() {
    return JobError.of("Cancelled", "the job was cancelled");
  }

  public static JobError deadlineError() {
    return JobError.of("DeadlineExceeded", "the job's total deadline is over");
  }

  /// The error of a job that took down too many of its executors.
  ///
  /// @param crashes executions lost with their worker or node, the last included
  public static JobError crashBudgetError(int crashes) {
    return JobError.of(
        "CrashBudgetExceeded",
        "%d workers or nodes went away while they ran the job; it is kept from taking down more"
            .formatted(crashes));
  }

  private static JobError handedBackError() {
    return JobError.of(
        "TooManyExecutions",
        "workers handed the job back unstarted %d times".formatted(MOST_EXECUTIONS));
  }

  private static JobError timeoutError(Duration timeout) {
    return JobError.of(
        "Timeout",
        "the attempt took longer than its timeout of %d ms".formatted(timeout.toMillis()));
  }
}
