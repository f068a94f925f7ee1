package dev.reseolio.engine.store;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// Which nodes live, and what becomes of those that do not.
public interface Nodes extends AutoCloseable {
  /// Registers a new incarnation. From here on its control session proves that the process lives,
  /// or behind a connection pooler its beat alone.
  NodeRef join(String name, String version);

  /// Ends an incarnation that owns nothing any more.
  void leave(NodeRef me);

  /// Publishes a sign of life. `counter` must grow; `lowId` is the smallest id of an unfinished job
  /// held without a lease row, or the next id to be used.
  ///
  /// @throws StoreException FENCED when this incarnation has been taken over
  void beat(NodeRef me, long counter, UUID lowId, int[] offeredFunctionIds);

  /// All other nodes that count as live.
  List<Peer> peers(NodeRef me);

  /// Waits until a node's control session is gone, at most for the patience. Only a hint that it is
  /// time to look: what is so, [#peers] says. False: the wait is over, and nothing is known.
  boolean awaitLoss(int node, Duration patience);

  /// Fences a node and gives its jobs back: to `ready`, from the second crash on to `timer`, or to
  /// `done` when one crash more exceeds the budget. Bounded: whatever blocks it is terminated.
  /// Returns false when another node did it first.
  boolean takeOver(NodeRef me, int victim, int crashBudget);

  /// Gives back what fenced nodes may still own (there should be nothing), and settles them.
  /// Returns how many jobs.
  int sweepFenced(NodeRef me, int crashBudget);

  /// Waits for a doorbell. Empty after the timeout. Behind a pooler nothing is heard: it looks
  /// after the timeout.
  ///
  /// @throws StoreException UNAVAILABLE when the control session is gone, or behind a pooler the
  ///   database; call [#reconnect]
  List<Ring> awaitRings(Duration timeout);

  /// Opens the control session again and proves life under the same incarnation.
  void reconnect(NodeRef me);

  /// Wakes the other nodes, without waiting for their answer and without durability.
  void ring(Ring ring);

  @Override
  void close();

  /// Another node as this one sees it.
  ///
  /// @param beat its counter
  /// @param holdsSession its control session exists
  /// @param connected any session of it exists
  /// @param pooled it is behind a connection pooler and has no session: only its beat tells
  record Peer(int id, long beat, boolean holdsSession, boolean connected, boolean pooled) {}

  /// A hint to other nodes. Losing one costs latency, never work.
  sealed interface Ring {
    /// Jobs were put into `ready` in these lanes.
    record Ready(List<Integer> laneIds) implements Ring {}

    /// Jobs were put into `ready` in lanes the sender does not know.
    record Anywhere() implements Ring {}

    /// These jobs are finished.
    record Done(List<UUID> jobs) implements Ring {}

    /// Somebody asked to cancel jobs that run.
    record CancelRequested() implements Ring {}
  }
}
