package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.store.FlushReply.Claimed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The way to one connected worker. Calls return at once. One that throws may have reached the
/// worker in part, and the connection is as good as lost.
public interface WorkerLink {
  /// True while much of what was sent has not left: nothing more should be pushed. When that is
  /// over, [Sessions.Attached#drained] says so.
  boolean congested();

  /// Executions to run, in this order.
  void run(List<Assignment> runs);

  /// The outcomes of these leases are in the database.
  void committed(List<LeaseKey> leases);

  /// These steps are in the database.
  void stepsCommitted(List<StepKey> steps);

  /// The handler has to stop; the lease is taken away after the grace.
  void cancel(LeaseKey lease, CancelReason reason, Duration grace);

  /// These leases are no longer the worker's.
  void leaseLost(List<LeaseKey> leases);

  /// Nothing more is pushed; what is unfinished at the deadline runs elsewhere.
  void drain(Instant deadline);

  /// Ends the connection from this side.
  void close(String reason);

  /// @param deadline when the lease is taken away
  record Assignment(LeaseKey lease, String function, Claimed job, Instant deadline) {}

  enum CancelReason {
    REQUESTED,
    TIMEOUT,
    DEADLINE
  }
}
