package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the statements outside the fence do with waiting jobs.
final class JobTransactions {
  private static final Duration LATER = Duration.ofSeconds(5);

  private final Transaction tx;
  private final Tables tables;

  JobTransactions(Transaction tx) {
    this.tx = tx;
    this.tables = tx.tables;
  }

  Backlog.Promoted promote(int limit) {
    List<Map.Entry<Rows.TimerKey, Rows.Waiting>> due =
        tables.timer.entrySet().stream()
            .takeWhile(e -> !e.getKey().runAt().isAfter(tx.now))
            .limit(limit)
            .toList();
    TreeMap<Integer, Boolean> lanes = new TreeMap<>();
    for (var row : due) {
      UUID id = row.getKey().id();
      Rows.Waiting waiting = row.getValue();
      tx.untimer(id);
      tx.ready(waiting.lane(), waiting.priority(), id, waiting.progress());
      lanes.put(waiting.lane(), true);
    }
    Instant next = tables.timer.isEmpty() ? null : tables.timer.firstKey().runAt();
    return new Backlog.Promoted(List.copyOf(lanes.keySet()), due.size(), next);
  }

  /// A job that waits, taken out of where it waits.
  private record Taken(int lane, Progress progress) {}

  private @Nullable Taken take(UUID id) {
    Rows.ReadyKey key = tables.readyById.get(id);
    if (key != null) {
      Rows.Ready ready = tx.unready(id);
      return ready == null ? null : new Taken(key.lane(), ready.progress());
    }
    Rows.Waiting waiting = tx.untimer(id);
    return waiting == null ? null : new Taken(waiting.lane(), waiting.progress());
  }

  private boolean end(UUID id, JobStatus status, AttemptOutcome outcome, JobError error) {
    Taken taken = take(id);
    if (taken == null || tables.done.containsKey(id)) {
      return false;
    }
    tx.finish(
        new Rows.Done(
            id, tx.now, null, taken.lane, 0, status, outcome, taken.progress, null, error),
        0);
    return true;
  }

  private boolean cancelWaiting(UUID id) {
    return end(id, JobStatus.CANCELLED, AttemptOutcome.CANCELLED, Lifecycle.cancelError());
  }

  List<UUID> settleCancelRequests() {
    List<UUID> ended = new ArrayList<>();
    for (UUID id : List.copyOf(tables.cancelRequests.keySet())) {
      boolean settled = tables.done.containsKey(id);
      if (cancelWaiting(id)) {
        ended.add(id);
      }
      if (settled) {
        tx.remove(tables.cancelRequests, id);
      }
    }
    return ended;
  }

  List<UUID> expire(int limit) {
    List<Rows.TimerKey> over =
        tables.deadlines.keySet().stream()
            .takeWhile(k -> !k.runAt().isAfter(tx.now))
            .limit(limit)
            .toList();
    List<UUID> ended = new ArrayList<>();
    for (Rows.TimerKey key : over) {
      boolean done = tables.done.containsKey(key.id());
      tx.remove(tables.deadlines, key);
      if (end(key.id(), JobStatus.DEAD, AttemptOutcome.TIMED_OUT, Lifecycle.deadlineError())) {
        ended.add(key.id());
      } else if (!done) {
        tx.put(tables.deadlines, new Rows.TimerKey(tx.now.plus(LATER), key.id()), true);
      }
    }
    return ended;
  }

  Optional<Jobs.Change> cancel(UUID id) {
    Rows.Job job = tables.jobs.get(id);
    if (job == null) {
      return Optional.empty();
    }
    if (cancelWaiting(id)) {
      return Optional.of(new Jobs.Change(JobStatus.CANCELLED, true, job.lane()));
    }
    JobStatus status = Views.status(tables, id);
    if (!status.terminal()) {
      if (!tables.cancelRequests.containsKey(id)) {
        tx.put(tables.cancelRequests, id, tx.now);
      }
      return Optional.of(new Jobs.Change(status, true, job.lane()));
    }
    return Optional.of(new Jobs.Change(status, false, job.lane()));
  }

  Optional<Jobs.Change> retry(UUID id) {
    Rows.Job job = tables.jobs.get(id);
    Rows.Done done = tables.done.get(id);
    if (job == null) {
      return Optional.empty();
    }
    if (done == null || done.status() == JobStatus.SUCCEEDED) {
      return Optional.of(new Jobs.Change(Views.status(tables, id), false, job.lane()));
    }
    tx.reopen(done);
    int ran = done.progress().attempt();
    if (done.startedAt() != null && !tables.attempts.containsKey(new Rows.AttemptKey(id, ran))) {
      tx.attempt(
          id,
          new Rows.Attempt(
              done.owner(),
              done.outcome(),
              done.startedAt(),
              done.finishedAt(),
              null,
              done.progress(),
              done.error()),
          0);
    }
    tx.remove(tables.cancelRequests, id);
    int next = ran + (done.startedAt() == null ? 0 : 1);
    tx.ready(done.lane(), job.asked().priority(), id, new Progress(next, 0, 0));
    return Optional.of(new Jobs.Change(JobStatus.PENDING, true, job.lane()));
  }
}
