package dev.reseolio.engine.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What becomes of the job. The store applies it; nothing else changes a job's state.
public sealed interface Decision {
  /// How the execution is recorded.
  AttemptOutcome outcome();

  /// Counters with this execution charged.
  Progress progress();

  /// The job ends.
  record Finish(
      JobStatus status,
      AttemptOutcome outcome,
      Progress progress,
      @Nullable Payload result,
      @Nullable JobError error)
      implements Decision {}

  /// The job runs again.
  ///
  /// @param runAt null: at once
  record Again(
      AttemptOutcome outcome, Progress progress, @Nullable Instant runAt, @Nullable JobError error)
      implements Decision {}
}
