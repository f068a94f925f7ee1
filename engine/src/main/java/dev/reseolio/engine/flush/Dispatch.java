package dev.reseolio.engine.flush;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the flusher asks of those who run jobs. All calls come from the flusher's thread.
public interface Dispatch {
  /// A reserved slot of a worker.
  interface Seat {}

  /// A flush is being put together: no id made from now on is older than this.
  void gathering(Instant now);

  /// True while this incarnation holds that execution. What an earlier incarnation left behind is
  /// not written.
  boolean holds(UUID job, int attempt);

  /// The ending goes into the flush that is put together: a job it makes run again at once can be
  /// claimed in the same.
  void ending(Flush.Ending ending);

  /// Reserves a free slot for a job of the lane; null: none is free, or older jobs of the lane are
  /// waiting. From here on the id counts as held by this node.
  @Nullable Seat reserve(Lane lane, UUID id);

  /// Gives a reserved slot back unused.
  void giveBack(Seat seat, UUID id);

  /// What to take out of `ready` with the next flush; null: nothing. Always followed by
  /// [#committed] or [#claimFailed].
  Flush.@Nullable Claim nextClaim();

  /// The claim was not carried out.
  void claimFailed();

  /// The connection was lost: what is known of `ready` no longer holds.
  void interrupted();

  /// True when [#nextClaim] would return something.
  boolean wantsClaim();

  /// Jobs were put into `ready` in this lane and priority.
  void waiting(Lane lane, int priority);

  /// A job was put into `timer`.
  void due(Instant at);

  /// Everything one committed flush did.
  void committed(Commit commit);

  /// The database refuses to record how these executions ended.
  void refused(List<Flush.Ending> endings);

  /// The database refuses to record these steps.
  void refusedSteps(List<Flush.Step> steps);

  /// A new incarnation is registered. Numbers of functions and lanes may mean something else now.
  ///
  /// @throws StoreException of kind UNAVAILABLE; call again
  void renewed();

  /// The lane of a job, as of now.
  ///
  /// @throws StoreException of kind UNAVAILABLE
  /// @throws EngineException the job cannot have one any more
  Lane lane(NewJob job);

  /// This incarnation was fenced: every lease is lost, every reservation void.
  void fenced();

  /// @param started jobs inserted with a lease, each with its reserved slot
  /// @param claimed jobs claimed; null: no claim was made
  /// @param adopted leases this node holds, when it asked
  /// @param withheld jobs among those two without their arguments
  /// @param steps recorded
  /// @param ended executions recorded
  /// @param spilled implicit leases that have a row now
  record Commit(
      List<Start> started,
      @Nullable List<Claimed> claimed,
      List<Claimed> adopted,
      Set<UUID> withheld,
      List<Flush.Step> steps,
      List<Flush.Ending> ended,
      List<Flush.Spill> spilled) {}

  record Start(Seat seat, Claimed job) {}
}
