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
import org.jspecify.annotations.Nullable;

/// Keeps what is known of `ready` true: finds jobs nobody rang for, and moves the cursors past what
/// is gone.
///
/// The cursor rule: take the sequence's last value s, after it a new transaction id x. When every
/// transaction below x has ended, no row at or below s can appear any more, so a cursor may move to
/// s, or to just before the first row that is still there.
final class Polls {
  private static final Duration SWEEP = Duration.ofSeconds(30);
  private static final Duration NEW_QUEUES = Duration.ofSeconds(5);

  private final Machine machine;
  private final Waiting waiting;
  private final Sessions sessions;
  private final Backlog backlog;
  private final Jobs jobs;
  private final Runnable moreWork;
  private final AtomicReference<Backlog.@Nullable Mark> mark = new AtomicReference<>();
  private final ReentrantLock lookingUp = new ReentrantLock();
  private long sweptNanos;
  private Set<Integer> lanesOf = Set.of();
  private List<Lane> lanes = List.of();
  private long lanesNanos;

  Polls(
      Machine machine,
      Waiting waiting,
      Sessions sessions,
      Backlog backlog,
      Jobs jobs,
      Runnable moreWork) {
    this.machine = machine;
    this.sweptNanos = machine.nanoTime();
    this.lanesNanos = machine.nanoTime();
    this.waiting = waiting;
    this.sessions = sessions;
    this.backlog = backlog;
    this.jobs = jobs;
    this.moreWork = moreWork;
  }

  /// Jobs were put into `ready` in these lanes.
  void rung(List<Integer> laneIds) {
    Set<Integer> offered = sessions.offered();
    boolean ours = false;
    for (int id : laneIds) {
      if (offered.contains(jobs.lane(id).functionId())) {
        waiting.markAll(id);
        ours = true;
      }
    }
    if (ours) {
      moreWork.run();
    }
  }

  /// Looks for jobs in every lane this node's workers can run; now and then from the very
  /// beginning.
  void look() {
    Set<Integer> offered = sessions.offered();
    if (offered.isEmpty()) {
      return;
    }
    if (machine.nanoTime() - sweptNanos > SWEEP.toNanos()) {
      sweptNanos = machine.nanoTime();
      waiting.rewind();
    }
    List<Slot> occupied = backlog.occupied(waiting.all(lanes(offered)));
    if (!occupied.isEmpty()) {
      occupied.forEach(s -> waiting.mark(s.laneId(), s.priority()));
      moreWork.run();
    }
  }

  /// One half of the cursor rule each time.
  void moveCursors() {
    Set<Integer> offered = sessions.offered();
    if (offered.isEmpty() || !waiting.moved()) {
      return;
    }
    Backlog.Mark taken = mark.get();
    if (taken == null) {
      mark.set(backlog.mark());
      return;
    }
    List<Slot> advanced = backlog.advance(taken, waiting.all(lanes(offered)));
    if (!advanced.isEmpty()) {
      waiting.advance(advanced);
      mark.set(null);
      waiting.settled();
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
