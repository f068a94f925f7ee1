package dev.reseolio.engine.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What happened to an execution. Success, failure, timeout, cancellation and a lost worker all
/// enter the same door: [Lifecycle#decide].
public sealed interface Outcome {
  record Succeeded(Payload result) implements Outcome {}

  /// The handler failed.
  ///
  /// @param retryable false: the job is dead whatever attempts are left
  /// @param retryAfter replaces the backoff; null: the backoff decides
  record Failed(JobError error, boolean retryable, @Nullable Duration retryAfter)
      implements Outcome {}

  /// The time of one execution is up.
  record TimedOut(Duration timeout) implements Outcome {}

  /// The total deadline is over.
  record DeadlineExceeded() implements Outcome {}

  /// The worker's process or connection went away.
  record WorkerLost(String worker) implements Outcome {}

  /// The worker hands the execution back unstarted.
  record Released() implements Outcome {}

  /// The handler stopped because the job was cancelled, or the grace for that is over.
  record Cancelled() implements Outcome {}
}
