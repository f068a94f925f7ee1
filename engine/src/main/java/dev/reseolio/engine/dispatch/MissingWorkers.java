package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.machine.Machine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Says in the log, now and then, that jobs wait for a function no worker of this node offers. The
/// flusher's thread only.
final class MissingWorkers {
  private static final System.Logger LOG = System.getLogger(MissingWorkers.class.getName());
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final int MOST_FUNCTIONS = 1000;

  private final Machine machine;
  private final Map<Integer, Long> saidNanos = new HashMap<>();

  MissingWorkers(Machine machine) {
    this.machine = machine;
  }

  /// A job of the lane went to `ready`.
  void note(Lane lane, List<WorkerSession> sessions) {
    if (sessions.stream().anyMatch(s -> s.offers().contains(lane.functionId()))) {
      return;
    }
    Long said = saidNanos.get(lane.functionId());
    long now = machine.nanoTime();
    if (said != null && now - said < AGAIN.toNanos()) {
      return;
    }
    if (saidNanos.size() >= MOST_FUNCTIONS) {
      saidNanos.clear();
    }
    saidNanos.put(lane.functionId(), now);
    LOG.log(
        System.Logger.Level.INFO,
        "no worker of this node offers {0}; its jobs wait for one, here or on another node",
        lane.function());
  }
}
