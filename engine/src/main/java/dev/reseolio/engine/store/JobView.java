package dev.reseolio.engine.store;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Progress;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A job as it stands.
///
/// @param job what was asked for; in listings with empty arguments; the time to live of its key is
///   not kept and reads as the default
/// @param runAt when it is due next; null unless scheduled
/// @param startedAt start of the last execution that is recorded; null: none
/// @param end null unless finished; in listings without the result
/// @param lastError of the last failed execution; null: none; in listings without the stack
/// @param attempts the last 100 finished executions, oldest first; empty in listings
/// @param steps the last 1000, oldest first; empty in listings
/// @param why why it does not run now; null: it runs or is finished
public record JobView(
    UUID id,
    Lane lane,
    NewJob job,
    Instant createdAt,
    JobStatus status,
    Progress progress,
    @Nullable Instant runAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable JobEnd end,
    @Nullable JobError lastError,
    List<Attempt> attempts,
    List<Step> steps,
    @Nullable String why) {

  /// A finished execution.
  ///
  /// @param node the node that held the lease; 0: unknown
  public record Attempt(
      int number,
      AttemptOutcome outcome,
      @Nullable Instant startedAt,
      Instant endedAt,
      int node,
      @Nullable Instant retryAt,
      @Nullable JobError error) {}

  /// A finished part.
  ///
  /// @param attempt number of the execution that did it
  /// @param resultBytes size of its result
  public record Step(String key, int attempt, Instant recordedAt, long resultBytes) {}
}
