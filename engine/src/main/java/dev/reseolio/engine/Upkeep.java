package dev.reseolio.engine;

import dev.reseolio.engine.cluster.DatabaseClock;
import dev.reseolio.engine.cluster.Doorbells;
import dev.reseolio.engine.cluster.Membership;
import dev.reseolio.engine.cluster.Watch;
import dev.reseolio.engine.dispatch.Workers;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.upkeep.Chore;
import dev.reseolio.engine.watch.Results;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Every chore of a node, a line each.
final class Upkeep {
  private static final System.Logger LOG = System.getLogger(Upkeep.class.getName());
  private static final int PROMOTE = 1000;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Machine machine;
  private final Store store;
  private final Workers workers;
  private final Results results;
  private final Doorbells doorbells;
  private final DatabaseClock clock;
  private final Chore promote;
  private final Chore cancel;
  private final List<Chore> all;

  Upkeep(
      EngineConfig config,
      Store store,
      Machine machine,
      Membership membership,
      Watch watch,
      Workers workers,
      Results results,
      Doorbells doorbells,
      DatabaseClock clock) {
    this.store = store;
    this.machine = machine;
    this.workers = workers;
    this.results = results;
    this.doorbells = doorbells;
    this.clock = clock;
    promote = new Chore(machine, "promote", SECOND, this::promote);
    cancel = new Chore(machine, "cancel", SECOND, this::cancel);
    all =
        List.of(
            promote,
            cancel,
            Chore.every(machine, SECOND, "beat", () -> beat(membership)),
            new Chore(machine, "watch", Duration.ofMillis(200), () -> watch.rest(watch.look())),
            Chore.every(machine, SECOND, "look", workers::look),
            Chore.every(machine, SECOND, "overdue", workers.flusher()::answerOverdue),
            Chore.every(machine, SECOND, "rescue", workers.flusher()::rescue),
            new Chore(machine, "cursors", Duration.ofMillis(500), workers::moveCursors),
            Chore.every(machine, Duration.ofMillis(500), "results", results::poll),
            Chore.every(machine, SECOND, "silent-workers", workers.sessions()::endSilent),
            Chore.every(machine, Duration.ofSeconds(2), "deadlines", this::expire),
            Chore.every(machine, Duration.ofSeconds(30), "clock", clock::synchronise),
            Chore.every(machine, Duration.ofSeconds(30), "audit", workers.flusher()::audit),
            Chore.every(
                machine,
                Duration.ofMinutes(1),
                "fenced",
                () -> store.nodes().sweepFenced(membership.current(), config.crashBudget())),
            Chore.every(
                machine, Duration.ofHours(1), "partitions", store.maintenance()::ensurePartitions),
            Chore.every(
                machine,
                Duration.ofMinutes(10),
                "prune",
                () -> store.maintenance().prune(config.retention())));
  }

  void start() {
    all.forEach(Chore::start);
  }

  void stop() {
    all.forEach(Chore::stop);
  }

  /// Work that the next poll would do as well.
  void inBackground(Runnable work) {
    machine
        .virtualThread(
            "reseolio-background",
            () -> {
              try {
                work.run();
              } catch (StoreException e) {
                LOG.log(System.Logger.Level.DEBUG, "left to the next poll: {0}", e.getMessage());
              }
            })
        .start();
  }

  void lookForCancelRequests() {
    cancel.wake();
  }

  /// A job falls due then. Those that are not due within the second are found by the next run.
  void dueAt(Instant at) {
    Duration left = Duration.between(clock.instant(), at);
    if (left.compareTo(SECOND) < 0) {
      promote.wakeAt(machine.nanoTime() + (left.isNegative() ? 0 : left.toNanos()));
    }
  }

  private void beat(Membership membership) {
    workers.executions().spillLongRunners();
    try {
      membership.beat(workers.executions()::lowId, workers.sessions().offered());
      workers.flusher().wake();
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.FENCED) {
        throw e;
      }
      workers.flusher().audit(); // The next flush finds the fence and what to do about it.
    }
  }

  private Duration promote() {
    Backlog.Promoted moved = store.backlog().promote(PROMOTE);
    if (moved.count() > 0) {
      workers.rung(moved.laneIds());
      moved.laneIds().forEach(doorbells::ready);
    }
    if (moved.count() == PROMOTE) {
      return Duration.ZERO;
    }
    if (moved.nextDue() == null) {
      return SECOND;
    }
    Duration left = Duration.between(clock.instant(), moved.nextDue());
    return left.isNegative() ? Duration.ofMillis(1) : left.compareTo(SECOND) < 0 ? left : SECOND;
  }

  private Duration cancel() {
    List<UUID> asked = store.backlog().cancelRequests();
    if (!asked.isEmpty()) {
      workers.executions().cancelRequested(asked);
      ended(store.backlog().settleCancelRequests());
    }
    return asked.isEmpty() ? Duration.ofSeconds(5) : SECOND;
  }

  private void expire() {
    ended(store.backlog().expireDeadlines(PROMOTE));
  }

  /// Jobs that ended while they waited: whoever awaits them may be on any node.
  private void ended(List<UUID> jobs) {
    if (!jobs.isEmpty()) {
      results.heard(jobs);
      doorbells.done(jobs);
    }
  }
}
