package dev.reseolio.simulation.database;

import dev.reseolio.checker.Event;
import dev.reseolio.checker.Event.Change;
import dev.reseolio.checker.Event.Table;
import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One transaction: changes the tables at once, remembers how to take that back, and what to tell
/// of it. Transactions are serial, so there is nothing to lock.
final class Transaction {
  final Tables tables;
  final Instant now;
  private final long at;
  private final String name;
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final List<Event> events = new ArrayList<>();

  Transaction(Tables tables, Instant now, long at, String name) {
    this.tables = tables;
    this.now = now;
    this.at = at;
    this.name = name;
  }

  List<Event> events() {
    return events;
  }

  void rollBack() {
    undo.forEach(Runnable::run);
    events.clear();
  }

  <K, V> void put(Map<K, V> table, K key, V row) {
    V old = table.put(key, row);
    undo.push(() -> restore(table, key, old));
  }

  <K, V> @Nullable V remove(Map<K, V> table, K key) {
    V old = table.remove(key);
    if (old != null) {
      undo.push(() -> table.put(key, old));
    }
    return old;
  }

  private static <K, V> void restore(Map<K, V> table, K key, @Nullable V old) {
    if (old == null) {
      table.remove(key);
    } else {
      table.put(key, old);
    }
  }

  private void tell(Change change, Table table, UUID job, int attempt, int owner, String info) {
    events.add(new Event.Row(at, name, change, table, job.toString(), attempt, owner, info));
  }

  void fenced(int node) {
    events.add(new Event.Fenced(at, name, node));
  }

  void insert(Rows.Job job) {
    put(tables.jobs, job.id(), job);
    List<String> tags = job.asked().labels().tags();
    tell(Change.PUT, Table.JOB, job.id(), 1, job.owner(), tags.isEmpty() ? "" : tags.getFirst());
  }

  /// @param by the node that writes it for itself; 0: somebody does on its behalf
  void finish(Rows.Done done, int by) {
    put(tables.done, done.id(), done);
    tell(Change.PUT, Table.DONE, done.id(), done.progress().attempt(), by, Database.end(done));
  }

  void reopen(Rows.Done done) {
    remove(tables.done, done.id());
    tell(Change.GONE, Table.DONE, done.id(), done.progress().attempt(), 0, "");
  }

  /// @param by as in [#finish]
  void attempt(UUID job, Rows.Attempt attempt, int by) {
    put(tables.attempts, new Rows.AttemptKey(job, attempt.progress().attempt()), attempt);
    tell(Change.PUT, Table.ATTEMPT, job, attempt.progress().attempt(), by, how(attempt.outcome()));
  }

  private static String how(AttemptOutcome outcome) {
    return switch (outcome) {
      case WORKER_LOST, NODE_LOST -> "lost";
      case SUCCEEDED, FAILED, TIMED_OUT, RELEASED, CANCELLED -> outcome.name();
    };
  }

  void step(Rows.StepKey key, Rows.Step step) {
    put(tables.steps, key, step);
    String value = new String(step.result().data(), StandardCharsets.UTF_8);
    tell(Change.PUT, Table.STEP, key.job(), step.attempt(), step.owner(), key.key() + "=" + value);
  }

  /// Puts a job into `ready`; fails like the unique index when it is there already.
  void ready(int lane, int priority, UUID id, Progress next) {
    if (tables.readyById.containsKey(id)) {
      throw refused("ready_id", id);
    }
    var key = new Rows.ReadyKey(lane, priority, ++tables.lastSeq);
    put(tables.ready, key, new Rows.Ready(id, next));
    put(tables.readyById, id, key);
    tell(Change.PUT, Table.READY, id, next.attempt(), 0, "");
  }

  Rows.@Nullable Ready unready(UUID id) {
    Rows.ReadyKey key = remove(tables.readyById, id);
    if (key == null) {
      return null;
    }
    tell(Change.GONE, Table.READY, id, 0, 0, "");
    return remove(tables.ready, key);
  }

  void later(Instant runAt, UUID id, Rows.Waiting row) {
    if (tables.timerById.containsKey(id)) {
      throw refused("timer_id", id);
    }
    var key = new Rows.TimerKey(runAt, id);
    put(tables.timer, key, row);
    put(tables.timerById, id, key);
    tell(Change.PUT, Table.TIMER, id, row.progress().attempt(), 0, "");
  }

  Rows.@Nullable Waiting untimer(UUID id) {
    Rows.TimerKey key = remove(tables.timerById, id);
    if (key == null) {
      return null;
    }
    tell(Change.GONE, Table.TIMER, id, 0, 0, "");
    return remove(tables.timer, key);
  }

  /// @param by as in [#finish]
  void lease(UUID id, Rows.Lease lease, int by) {
    put(tables.leases, id, lease);
    tell(Change.PUT, Table.LEASE, id, lease.progress().attempt(), by, "");
  }

  void unlease(UUID id) {
    Rows.Lease gone = remove(tables.leases, id);
    boolean fresh = events.removeIf(e -> leases(e, id));
    if (gone != null && !fresh) {
      tell(Change.GONE, Table.LEASE, id, gone.progress().attempt(), 0, "");
    }
  }

  /// What the same transaction puts and takes away again nobody sees.
  private static boolean leases(Event event, UUID id) {
    return event instanceof Event.Row row
        && row.table() == Table.LEASE
        && row.job().equals(id.toString());
  }

  /// True when the job is in one of the two places of those that wait.
  boolean waits(UUID id) {
    return tables.readyById.containsKey(id) || tables.timerById.containsKey(id);
  }

  static StoreException refused(String constraint, Object row) {
    return new StoreException(
        StoreException.Kind.REJECTED, "refused, constraint " + constraint + " for " + row, null);
  }
}
