package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// All rows as lines of text, for comparing them with those of PostgreSQL.
final class Dump {
  private final Tables tables;
  private final List<String> lines = new ArrayList<>();

  Dump(Tables tables) {
    this.tables = tables;
  }

  List<String> lines() {
    tables.jobs.values().forEach(j -> line("job", j.id(), j.lane(), j.owner()));
    tables.done.values().forEach(this::done);
    tables.attempts.forEach((key, a) ->
        line("attempt", key.job(), counters(a.progress()), a.outcome().code(), a.owner()));
    tables.steps.forEach((key, s) -> line("step", key.job(), key.key(), s.attempt(), s.owner()));
    tables.ready.forEach(
        (key, r) -> line("ready", r.id(), counters(r.progress()), key.lane(), key.priority()));
    tables.timer.forEach(
        (key, w) -> line("timer", key.id(), counters(w.progress()), w.lane(), w.priority()));
    tables.leases.forEach(
        (id, l) -> line("lease", id, counters(l.progress()), l.lane(), l.owner()));
    tables.deadlines.keySet().forEach(key -> line("deadline", key.id()));
    tables.cancelRequests.keySet().forEach(id -> line("cancel", id));
    tables.keys.forEach((name, key) -> line("key", key.id(), name.function(), name.key()));
    tables.nodes.forEach((id, node) -> line("node", id, node.state().code()));
    return lines.stream().sorted().toList();
  }

  private void done(Rows.Done d) {
    line(
        "done",
        d.id(),
        counters(d.progress()),
        d.lane(),
        d.status().code(),
        d.outcome().code(),
        d.owner());
  }

  private static String counters(Progress p) {
    return p.attempt() + "," + p.failures() + "," + p.crashes();
  }

  private void line(Object... words) {
    lines.add(String.join(" ", Arrays.stream(words).map(Object::toString).toList()));
  }

  /// What a node holds: leases with a row, and jobs of its own that are nowhere else.
  List<Database.Held> held(int node) {
    List<Database.Held> held = new ArrayList<>();
    for (Rows.Job job : tables.jobs.values()) {
      UUID id = job.id();
      Rows.Lease lease = tables.leases.get(id);
      if (lease != null && lease.owner() == node) {
        held.add(new Database.Held(id, lease.lane(), lease.progress(), true));
      } else if (lease == null && job.owner() == node && nowhere(id)) {
        held.add(new Database.Held(id, job.lane(), Progress.FIRST, false));
      }
    }
    return held;
  }

  private boolean nowhere(UUID id) {
    return !tables.done.containsKey(id)
        && !tables.readyById.containsKey(id)
        && !tables.timerById.containsKey(id)
        && !tables.attempts.containsKey(new Rows.AttemptKey(Objects.requireNonNull(id), 1));
  }
}
