package dev.reseolio.engine.store;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Jobs that wait: where some are, when the next is due, which are overdue. Called by chores,
/// outside the fence.
public interface Backlog {
  /// Those of the slots that hold at least one job, in the same order.
  List<Flush.Slot> occupied(List<Flush.Slot> slots);

  /// Takes the two halves of the cursor rule at this moment; see docs/storage.md.
  Mark mark();

  /// For each slot how far its cursor may go, when every transaction that could still insert at or
  /// below `mark.seq` has ended; empty when one has not.
  List<Flush.Slot> advance(Mark mark, List<Flush.Slot> slots);

  /// Moves jobs that are due from `timer` to `ready`.
  Promoted promote(int limit);

  /// Jobs that ran when somebody asked to cancel them, and are not settled yet.
  List<UUID> cancelRequests();

  /// Cancels those of them that wait by now, and forgets requests that are settled. Returns ids
  /// that are now cancelled.
  List<UUID> settleCancelRequests();

  /// Ends waiting jobs whose total deadline is over. Returns their ids.
  List<UUID> expireDeadlines(int limit);

  /// Where `ready` stood at a moment.
  ///
  /// @param seq last value given out by the sequence of `ready`
  /// @param xid later than every transaction id assigned before
  record Mark(long seq, String xid) {}

  /// What a promotion did.
  ///
  /// @param laneIds lanes that got jobs
  /// @param count how many jobs moved
  /// @param nextDue when the next one is due; null: the timer is empty
  record Promoted(List<Integer> laneIds, int count, @Nullable Instant nextDue) {}
}
