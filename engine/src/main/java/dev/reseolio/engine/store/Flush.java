package dev.reseolio.engine.store;

import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Everything one node writes in one transaction, behind its fence. Sending the same flush again
/// changes nothing more: an unknown outcome is resolved by sending it again.
///
/// @param claim null: none
/// @param adopt also read the leases this node holds, for those a lost reply left unknown to it
/// @param repeated an earlier sending may have been committed
public record Flush(
    List<Ending> endings,
    List<Step> steps,
    List<Spill> spills,
    List<Insert> inserts,
    @Nullable Claim claim,
    boolean adopt,
    boolean repeated) {

  /// A job to create. Keys within one flush are distinct.
  ///
  /// @param leased true: leased to the flushing node from birth; false: goes to `ready` or `timer`
  public record Insert(UUID id, Lane lane, NewJob job, boolean leased) {}

  /// An execution that ended.
  ///
  /// @param explicit the job has a row in `lease`
  public record Ending(
      UUID job, int laneId, int attempt, Instant startedAt, boolean explicit, Decision decision) {

    /// Size of the result.
    public int resultBytes() {
      return decision instanceof Decision.Finish finish && finish.result() != null
          ? finish.result().size()
          : 0;
    }
  }

  /// A step that an execution has finished.
  public record Step(UUID job, int attempt, String key, Payload result) {}

  /// A long-running implicit lease that gets a row in `lease`.
  public record Spill(UUID job, int laneId, Progress progress, Instant startedAt) {}

  /// Takes jobs out of `ready`.
  ///
  /// @param slots where to look, in order
  /// @param limit how many at most
  public record Claim(List<Slot> slots, int limit) {}

  /// One priority of one lane.
  ///
  /// @param after only rows with a greater `seq`: everything up to it is known to be gone
  public record Slot(int laneId, int priority, long after) {}
}
