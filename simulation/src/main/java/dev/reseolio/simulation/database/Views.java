package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.RecordedStep;
import dev.reseolio.engine.store.StepPage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the statements that only read see.
final class Views {
  private Views() {}

  static JobStatus status(Tables tables, UUID id) {
    Rows.Done done = tables.done.get(id);
    if (done != null) {
      return done.status();
    }
    return tables.readyById.containsKey(id)
        ? JobStatus.PENDING
        : tables.timerById.containsKey(id) ? JobStatus.SCHEDULED : JobStatus.RUNNING;
  }

  static Progress progress(Tables tables, UUID id) {
    Rows.Done done = tables.done.get(id);
    Rows.ReadyKey ready = tables.readyById.get(id);
    Rows.TimerKey timer = tables.timerById.get(id);
    Rows.Lease lease = tables.leases.get(id);
    if (done != null) {
      return done.progress();
    }
    if (ready != null) {
      return Objects.requireNonNull(tables.ready.get(ready)).progress();
    }
    if (timer != null) {
      return Objects.requireNonNull(tables.timer.get(timer)).progress();
    }
    return lease == null ? Progress.FIRST : lease.progress();
  }

  static List<JobEnd> ends(Tables tables, Collection<UUID> ids) {
    List<JobEnd> ends = new ArrayList<>();
    for (UUID id : ids) {
      Rows.Done done = tables.done.get(id);
      if (done != null) {
        ends.add(end(done));
      }
    }
    return ends;
  }

  static StepPage steps(Tables tables, UUID job, String after) {
    List<RecordedStep> steps = new ArrayList<>();
    for (var row : tables.steps.tailMap(new Rows.StepKey(job, after), false).entrySet()) {
      if (!row.getKey().job().equals(job)) {
        break;
      }
      if (steps.size() == Jobs.STEPS_OF_PAGE) {
        return new StepPage(steps, steps.getLast().key());
      }
      steps.add(new RecordedStep(row.getKey().key(), row.getValue().result()));
    }
    return new StepPage(steps, null);
  }

  static JobEnd end(Rows.Done done) {
    boolean succeeded = done.status() == JobStatus.SUCCEEDED;
    return new JobEnd(
        done.id(),
        done.status(),
        done.progress().attempt(),
        succeeded ? done.result() : null,
        succeeded ? null : done.error());
  }

  static List<Slot> occupied(Tables tables, List<Slot> slots) {
    return slots.stream().filter(s -> first(tables, s) != null).toList();
  }

  private static Rows.@Nullable ReadyKey first(Tables tables, Slot slot) {
    Rows.ReadyKey after = new Rows.ReadyKey(slot.laneId(), slot.priority(), slot.after());
    Rows.ReadyKey next = tables.ready.higherKey(after);
    return next != null && next.lane() == slot.laneId() && next.priority() == slot.priority()
        ? next
        : null;
  }

  /// Transactions are serial here: every one below the mark has ended.
  static List<Slot> advance(Tables tables, long seq, List<Slot> slots) {
    return slots.stream()
        .map(slot -> {
          Rows.ReadyKey first = first(tables, slot);
          long to = first == null ? seq : Math.min(seq, first.seq() - 1);
          return new Slot(slot.laneId(), slot.priority(), to);
        })
        .toList();
  }
}
