package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.dispatch.WorkerLink.CancelReason;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One execution that this node holds the lease of. Exactly one outcome ends it, whoever brings it
/// first.
final class Running {
  private volatile Claimed job;
  private final WorkerSession session;
  private final LeaseKey lease;
  private final Instant startedAt;
  private final long startedNanos;
  private volatile long deadlineNanos;
  private boolean explicit;
  private boolean ended;
  private boolean overruled;
  private boolean cancelRequested;
  private @Nullable CancelReason stopping;

  /// @param explicit the lease has a row
  /// @param limitNanos time the execution may take
  Running(
      Claimed job,
      WorkerSession session,
      long token,
      Instant startedAt,
      long startedNanos,
      boolean explicit,
      long limitNanos) {
    this.job = job;
    this.session = session;
    this.lease = new LeaseKey(job.id(), job.progress().attempt(), token);
    this.startedAt = startedAt;
    this.startedNanos = startedNanos;
    this.deadlineNanos = startedNanos + limitNanos;
    this.explicit = explicit;
  }

  /// The job, without its arguments once they have been handed over.
  Claimed job() {
    return job;
  }

  /// The job with its arguments, once: they are the worker's from here on, and a few hundred large
  /// ones would fill the memory.
  Claimed handOver() {
    Claimed whole = job;
    job = whole.withoutArgs();
    return whole;
  }

  WorkerSession session() {
    return session;
  }

  LeaseKey lease() {
    return lease;
  }

  Instant startedAt() {
    return startedAt;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  boolean longRunning(long nowNanos, long spillNanos) {
    return nowNanos - startedNanos > spillNanos;
  }

  synchronized @Nullable CancelReason stopping() {
    return stopping;
  }

  /// Notes that the handler has been told to stop, and until when the lease lasts. False when it
  /// was told before or has ended.
  synchronized boolean stop(CancelReason reason, long untilNanos) {
    cancelRequested |= reason == CancelReason.REQUESTED;
    if (ended || stopping != null) {
      return false;
    }
    stopping = reason;
    deadlineNanos = untilNanos;
    return true;
  }

  /// Gives the lease a row, unless the execution has one or has ended.
  synchronized Flush.@Nullable Spill spill() {
    if (ended || explicit) {
      return null;
    }
    explicit = true;
    return new Flush.Spill(job.id(), job.laneId(), job.progress(), startedAt);
  }

  synchronized boolean explicit() {
    return explicit;
  }

  /// Ends the execution; null when another outcome came first.
  synchronized Flush.@Nullable Ending end(Outcome outcome, Lifecycle lifecycle, Instant now) {
    if (ended) {
      return null;
    }
    return ending(outcome, lifecycle, now);
  }

  /// Puts another outcome in the place of one that cannot be recorded; null when that was done
  /// before.
  synchronized Flush.@Nullable Ending overrule(Outcome outcome, Lifecycle lifecycle, Instant now) {
    if (overruled) {
      return null;
    }
    overruled = true;
    return ending(outcome, lifecycle, now);
  }

  private Flush.Ending ending(Outcome outcome, Lifecycle lifecycle, Instant now) {
    var situation =
        new Lifecycle.Situation(job.progress(), job.policy(), job.deadline(), cancelRequested);
    var decision = lifecycle.decide(situation, outcome, now);
    ended = true;
    return new Flush.Ending(job.id(), job.laneId(), lease.attempt(), startedAt, explicit, decision);
  }
}
