package dev.reseolio.engine.store;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Single jobs: look at them, change their course. Called for clients, outside the fence.
public interface Jobs {
  /// The lane of a function and queue, registered when new. Cached.
  ///
  /// @throws EngineException of reason INVALID_ARGUMENT when the function has too many queues
  Lane lane(String function, String queue);

  /// The lane of a number. Cached.
  Lane lane(int id);

  /// All lanes of some functions that exist.
  List<Lane> lanesOf(Collection<Integer> functionIds);

  /// Everything about a job, with arguments, result, attempts and steps. Empty when there is none.
  Optional<JobView> find(UUID id);

  /// The lane of a job. Empty when there is no such job.
  default Optional<Lane> laneOf(UUID id) {
    return find(id).map(JobView::lane);
  }

  /// Steps of a job whose keys come after this one, by key: as many as a page takes, at least one.
  StepPage steps(UUID job, String after);

  /// Results of one page of steps, in bytes, unless it has a single step.
  int STEPS_BYTES = 1 << 20;

  /// Most steps of one page.
  int STEPS_OF_PAGE = 500;

  /// Results of one look-up, in bytes: where they reach this, more may be left.
  int ENDS_BYTES = 8 << 20;

  /// The ends of those jobs of the list that are finished; of large results a part, at least one.
  List<JobEnd> ends(Collection<UUID> ids);

  /// Those of the ids that name no job.
  List<UUID> unknown(Collection<UUID> ids);

  /// Newest first; without arguments, results, attempts and steps.
  JobPage list(JobFilter filter);

  /// Cancels a job that waits, requests it of one that runs. Empty when there is no such job.
  Optional<Change> cancel(UUID id);

  /// Gives a dead or cancelled job a new round of attempts; of several callers at once one is
  /// accepted. Empty when there is no such job.
  Optional<Change> retry(UUID id);

  /// What a call did.
  ///
  /// @param status after the call
  /// @param accepted the call changed something or asked a worker
  /// @param laneId lane of the job
  record Change(JobStatus status, boolean accepted, int laneId) {}
}
