package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob.Target;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// All tables at one moment. Rows never change, so a copy is a copy of the maps.
final class Tables {
  final Map<Target, Lane> lanes = new LinkedHashMap<>();
  final TreeMap<Integer, Rows.Node> nodes = new TreeMap<>();
  final TreeMap<Integer, Rows.Beat> beats = new TreeMap<>();
  final TreeMap<UUID, Rows.Job> jobs = new TreeMap<>();
  final Map<UUID, Rows.Done> done = new HashMap<>();
  final TreeMap<Rows.AttemptKey, Rows.Attempt> attempts = new TreeMap<>();
  final TreeMap<Rows.StepKey, Rows.Step> steps = new TreeMap<>();
  final TreeMap<Rows.ReadyKey, Rows.Ready> ready = new TreeMap<>();
  final Map<UUID, Rows.ReadyKey> readyById = new HashMap<>();
  final TreeMap<Rows.TimerKey, Rows.Waiting> timer = new TreeMap<>();
  final Map<UUID, Rows.TimerKey> timerById = new HashMap<>();
  final TreeMap<UUID, Rows.Lease> leases = new TreeMap<>();
  final TreeMap<Rows.TimerKey, Boolean> deadlines = new TreeMap<>();
  final TreeMap<UUID, Instant> cancelRequests = new TreeMap<>();
  final Map<Rows.KeyName, Rows.Key> keys = new HashMap<>();
  int lastNode;
  long lastSeq;

  Tables copy() {
    Tables copy = new Tables();
    copy.lanes.putAll(lanes);
    copy.nodes.putAll(nodes);
    copy.beats.putAll(beats);
    copy.jobs.putAll(jobs);
    copy.done.putAll(done);
    copy.attempts.putAll(attempts);
    copy.steps.putAll(steps);
    copy.ready.putAll(ready);
    copy.readyById.putAll(readyById);
    copy.timer.putAll(timer);
    copy.timerById.putAll(timerById);
    copy.leases.putAll(leases);
    copy.deadlines.putAll(deadlines);
    copy.cancelRequests.putAll(cancelRequests);
    copy.keys.putAll(keys);
    copy.lastNode = lastNode;
    copy.lastSeq = lastSeq;
    return copy;
  }
}
