package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;

/// What the statements about nodes do: registering, beating, taking over.
final class NodeTransactions {
  private static final int NO_LIMIT = 10_000;

  private final Transaction tx;
  private final Tables tables;

  NodeTransactions(Transaction tx) {
    this.tx = tx;
    this.tables = tx.tables;
  }

  void register(NodeRef me) {
    tx.put(tables.nodes, me.id(), new Rows.Node(me.token(), Rows.NodeState.LIVE));
    UUID low = Ids.floor(tx.now.minus(Duration.ofMinutes(1)));
    tx.put(tables.beats, me.id(), new Rows.Beat(0, low, List.of()));
  }

  void beat(NodeRef me, Rows.Beat beat) {
    Rows.Node node = tables.nodes.get(me.id());
    if (node == null || !node.token().equals(me.token()) || node.state() != Rows.NodeState.LIVE) {
      throw new StoreException(StoreException.Kind.FENCED, "node " + me.id() + " is fenced", null);
    }
    tx.put(tables.beats, me.id(), beat);
  }

  boolean takeOver(int victim, int crashBudget) {
    Rows.Node node = tables.nodes.get(victim);
    if (node == null || node.state() != Rows.NodeState.LIVE) {
      return false;
    }
    fence(victim, node);
    giveBack(victim, crashBudget);
    return true;
  }

  private void fence(int id, Rows.Node node) {
    tx.put(tables.nodes, id, new Rows.Node(node.token(), Rows.NodeState.FENCED));
    tx.fenced(id);
  }

  void signOff(NodeRef me) {
    Rows.Node node = tables.nodes.get(me.id());
    if (node != null && node.token().equals(me.token()) && node.state() == Rows.NodeState.LIVE) {
      fence(me.id(), node);
      settle(me.id(), NO_LIMIT);
    }
  }

  int sweep(int crashBudget) {
    int given = 0;
    for (int id : List.copyOf(tables.nodes.keySet())) {
      given += settle(id, crashBudget);
    }
    return given;
  }

  private int settle(int id, int crashBudget) {
    Rows.Node node = tables.nodes.get(id);
    if (node == null || node.state() != Rows.NodeState.FENCED) {
      return 0;
    }
    int given = giveBack(id, crashBudget);
    if (given == 0) {
      tx.put(tables.nodes, id, new Rows.Node(node.token(), Rows.NodeState.SETTLED));
      tx.remove(tables.beats, id);
    }
    return given;
  }

  private record Lost(UUID id, int lane, Progress progress, Instant startedAt) {}

  private int giveBack(int victim, int crashBudget) {
    List<Lost> lost = new ArrayList<>();
    tables.leases.forEach((id, lease) -> {
      if (lease.owner() == victim) {
        lost.add(new Lost(id, lease.lane(), lease.progress(), lease.startedAt()));
      }
    });
    implicit(victim, lost);
    lost.forEach(one -> tx.unlease(one.id));
    int given = 0;
    for (Lost one : lost) {
      given += give(one, victim, crashBudget);
    }
    return given;
  }

  /// Jobs the node inserted for itself, not below its low id, that are in no other table.
  private void implicit(int victim, List<Lost> lost) {
    Rows.Beat beat = tables.beats.get(victim);
    if (beat == null) {
      return;
    }
    for (Rows.Job job : tables.jobs.values()) {
      boolean elsewhere =
          tables.done.containsKey(job.id())
              || tx.waits(job.id())
              || tables.leases.containsKey(job.id());
      if (job.owner() == victim && !elsewhere && Uuids.notBelow(job.id(), beat.lowId())) {
        lost.add(new Lost(job.id(), job.lane(), Progress.FIRST, job.createdAt()));
      }
    }
  }

  /// Counts what runs again, as the statement does.
  private int give(Lost one, int victim, int crashBudget) {
    Progress charged = one.progress.crashed();
    if (one.progress.crashes() >= crashBudget) {
      bury(one, victim, charged, Lifecycle.crashBudgetError(crashBudget + 1));
      return 0;
    }
    // Of the job and its execution: the same seed is the same run.
    var random = new SplittableRandom(one.id.hashCode() + charged.attempt());
    Instant again = Lifecycle.apart(charged.crashes(), tx.now, random);
    if (!tables.attempts.containsKey(new Rows.AttemptKey(one.id, charged.attempt()))) {
      tx.attempt(
          one.id,
          new Rows.Attempt(
              victim,
              AttemptOutcome.NODE_LOST,
              one.startedAt,
              tx.now,
              again,
              charged,
              JobError.of("NodeLost", "node %d went away while it ran the job".formatted(victim))),
          0);
    }
    if (again == null
        ? tables.readyById.containsKey(one.id)
        : tables.timerById.containsKey(one.id)) {
      return 0;
    }
    if (again == null) {
      tx.ready(one.lane, 0, one.id, charged.next());
    } else {
      int priority = Objects.requireNonNull(tables.jobs.get(one.id)).asked().priority();
      tx.later(again, one.id, new Rows.Waiting(one.lane, priority, charged.next()));
    }
    return 1;
  }

  private void bury(Lost one, int victim, Progress charged, JobError error) {
    if (!tables.done.containsKey(one.id)) {
      tx.finish(
          new Rows.Done(
              one.id,
              tx.now,
              one.startedAt,
              one.lane,
              victim,
              JobStatus.DEAD,
              AttemptOutcome.NODE_LOST,
              charged,
              null,
              error),
          0);
    }
  }
}
