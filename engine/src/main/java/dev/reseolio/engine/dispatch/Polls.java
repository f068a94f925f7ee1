package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.Jobs;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps what is known of `ready` true: finds jobs nobody rang for, and moves the cursors past what
/// is gone.
///
/// The cursor rule: take the sequence's last value s, after it a new transaction id x. When every
/// transaction below x has ended, no row at or below s can appear any more, so a cursor may move to
/// s, or to just before the first row that is still there. Now and then it is worked out from the
/// very beginning, in case a row was passed after all; what claims read meanwhile stays short.
final class Polls {
  private static final Duration SWEEP = Duration.ofSeconds(30);
  private static final Duration CURSORS = Duration.ofMillis(500);

  /// While many rows go, so that claims do not read over them again and again; that matters when a
  /// session with an old snapshot keeps PostgreSQL from forgetting them.
  private static final Duration BUSY = Duration.ofMillis(50);

  private static final Duration NEW_QUEUES = Duration.ofSeconds(5);

  private final Machine machine;
  private final Waiting waiting;
  private final Supplier<Set<Integer>> offered;
  private final Backlog backlog;
  private final Jobs jobs;
  private final Runnable moreWork;
  private final AtomicReference<Backlog.@Nullable Mark> mark = new AtomicReference<>();
  private final ReentrantLock lookingUp = new ReentrantLock();
  private long sweptNanos;
  private Set<Integer> lanesOf = Set.of();
  private List<Lane> lanes = List.of();
  private long lanesNanos;

  /// @param offered numbers of the functions that workers of this node offer
  Polls(
      Machine machine,
      Waiting waiting,
      Supplier<Set<Integer>> offered,
      Backlog backlog,
      Jobs jobs,
      Runnable moreWork) {
    this.machine = machine;
    this.sweptNanos = machine.nanoTime();
    this.lanesNanos = machine.nanoTime();
    this.waiting = waiting;
    this.offered = offered;
    this.backlog = backlog;
    this.jobs = jobs;
    this.moreWork = moreWork;
  }

  /// Jobs were put into `ready` in these lanes.
  void rung(List<Integer> laneIds) {
    Set<Integer> ours = offered.get();
    boolean found = false;
    for (int id : laneIds) {
      if (ours.contains(jobs.lane(id).functionId())) {
        waiting.markAll(id);
        found = true;
      }
    }
    if (found) {
      moreWork.run();
    }
  }

  /// Looks for jobs in every lane this node's workers can run.
  void look() {
    Set<Integer> ours = offered.get();
    if (ours.isEmpty()) {
      return;
    }
    List<Slot> occupied = backlog.occupied(waiting.all(lanes(ours)));
    if (!occupied.isEmpty()) {
      occupied.forEach(s -> waiting.mark(s.laneId(), s.priority()));
      moreWork.run();
    }
  }

  /// One half of the cursor rule each time. Returns the pause until the next.
  Duration moveCursors() {
    Set<Integer> ours = offered.get();
    boolean sweep = machine.nanoTime() - sweptNanos > SWEEP.toNanos();
    if (!ours.isEmpty() && (sweep || waiting.moved())) {
      moveCursors(lanes(ours), sweep);
    }
    return waiting.worn() ? BUSY : CURSORS;
  }

  private void moveCursors(List<Lane> all, boolean sweep) {
    Backlog.Mark taken = mark.get();
    if (taken == null) {
      mark.set(backlog.mark());
      return;
    }
    List<Slot> from = sweep ? Waiting.beginnings(all) : waiting.all(all);
    List<Slot> advanced = backlog.advance(taken, from);
    if (!advanced.isEmpty()) {
      waiting.advance(advanced);
      mark.set(null);
      waiting.settled();
      sweptNanos = sweep ? machine.nanoTime() : sweptNanos;
    }
  }

  /// The connection was lost, and with it what marks were compared with.
  void forgetMark() {
    mark.set(null);
  }

  /// Lanes are looked up anew when the functions change, and now and then for queues that are new.
  private List<Lane> lanes(Set<Integer> functionIds) {
    lookingUp.lock();
    try {
      return current(functionIds);
    } finally {
      lookingUp.unlock();
    }
  }

  private List<Lane> current(Set<Integer> functionIds) {
    boolean stale = machine.nanoTime() - lanesNanos > NEW_QUEUES.toNanos();
    if (stale || !functionIds.equals(lanesOf)) {
      lanes = jobs.lanesOf(functionIds);
      lanesOf = functionIds;
      lanesNanos = machine.nanoTime();
    }
    return lanes;
  }
}
