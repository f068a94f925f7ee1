package dev.reseolio;

import java.time.Instant;
import java.util.Optional;

/// One finished execution of a job.
///
/// @param number 1 for the first execution
/// @param outcome how it ended
/// @param startedAt when the worker got it
/// @param endedAt when its end was known
/// @param error empty when it did not fail
/// @param retryAt when the following attempt was due; empty: at once, or there is none
public record JobAttempt(
    int number,
    Outcome outcome,
    Instant startedAt,
    Instant endedAt,
    Optional<JobError> error,
    Optional<Instant> retryAt) {

  /// How an attempt ended.
  public enum Outcome {
    SUCCEEDED,
    /// The handler failed.
    FAILED,
    /// The server took the lease away after the timeout.
    TIMED_OUT,
    /// The worker's process or connection went away. Charged to the crash budget.
    WORKER_LOST,
    /// The sidecar went away and another one took over. Charged to the crash budget.
    NODE_LOST,
    /// Handed back by a worker that shut down. Charged to nothing.
    RELEASED,
    CANCELLED,
    /// An outcome this version of the SDK does not know.
    UNKNOWN
  }
}
