package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Await;
import dev.reseolio.survival.Databases;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Sidecars and workers that die, freeze, or are stopped.
final class ProcessFaults {
  static final Map<String, Fault> ALL =
      Map.of(
          "sidecar-killed", ProcessFaults::sidecarKilled,
          "worker-killed", ProcessFaults::workerKilled,
          "sidecar-and-worker-killed", ProcessFaults::bothKilled,
          "all-sidecars-killed", ProcessFaults::allKilled,
          "sidecar-stopped", ProcessFaults::sidecarStopped,
          "sidecar-frozen", ProcessFaults::sidecarFrozen,
          "sidecar-paused", ProcessFaults::sidecarPaused,
          "worker-frozen", ProcessFaults::workerFrozen);

  private static final Duration SOON = Duration.ofSeconds(30);

  private ProcessFaults() {}

  static <T> T any(List<T> some, SplittableRandom random) {
    return some.get(random.nextInt(some.size()));
  }

  /// Until another node has fenced it.
  static void awaitTakenOver(Cluster cluster, Act act, int node) throws SQLException {
    cluster
        .databases()
        .await(
            "node " + node + " is taken over",
            SOON,
            "SELECT count(*) FROM reseolio.node WHERE state = 1 AND id = " + node,
            count -> count == 0);
    act.victim(node);
  }

  private static void kill(Sidecar sidecar, Act act) {
    sidecar.node().signal("KILL");
    Await.until("it is dead", SOON, () -> !sidecar.node().alive());
    act.landed("process " + sidecar.node().pid() + " is gone");
  }

  private static void sidecarKilled(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    act.inject(one);
    kill(one, act);
    awaitTakenOver(cluster, act, node);
    one.restart();
  }

  private static void workerKilled(Cluster cluster, Act act, SplittableRandom random)
      throws IOException {
    Worker one = any(cluster.workers(), random);
    act.inject(one);
    one.signal("KILL");
    Await.until("it is dead", SOON, () -> !one.alive());
    act.landed("process " + one.pid() + " is gone");
    one.restart();
  }

  private static void bothKilled(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    int place = random.nextInt(cluster.sidecars().size());
    Sidecar sidecar = cluster.sidecars().get(place);
    Worker worker = cluster.workers().get(place);
    int node = sidecar.incarnation();
    act.inject(sidecar);
    worker.signal("KILL");
    kill(sidecar, act);
    awaitTakenOver(cluster, act, node);
    sidecar.restart();
    worker.restart();
  }

  private static void allKilled(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    act.inject("all sidecars");
    for (Sidecar one : cluster.sidecars()) {
      one.node().signal("KILL");
    }
    for (Sidecar one : cluster.sidecars()) {
      kill(one, act);
    }
    for (Sidecar one : cluster.sidecars()) {
      one.restart();
    }
  }

  /// As a deployment does it: asked to stop, and started anew.
  private static void sidecarStopped(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    act.inject(one);
    one.node().signal("TERM");
    int code = one.node().exitCode();
    if (code == 0) {
      act.landed("exit code 0");
    }
    one.restart();
  }

  /// Long enough to be taken for dead; then it wakes up and knows nothing of it.
  private static void sidecarFrozen(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    act.inject(one);
    one.node().signal("STOP");
    try {
      awaitTakenOver(cluster, act, node);
      act.landed("node " + node + " was fenced while it stood still");
    } finally {
      one.node().signal("CONT");
    }
  }

  /// Too short to be taken for dead.
  private static void sidecarPaused(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    act.inject(one);
    one.node().signal("STOP");
    Await.during(Duration.ofMillis(random.nextInt(100, 2500)), () -> {});
    one.node().signal("CONT");
    if (one.incarnation() == node) {
      act.landed("node " + node + " lives on");
    }
  }

  private static void workerFrozen(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Worker one = any(cluster.workers(), random);
    Databases databases = cluster.databases();
    String query = "SELECT count(*) FROM reseolio.attempt WHERE outcome = 4";
    long before = databases.one(query);
    act.inject(one);
    one.signal("STOP");
    try {
      long lost = databases.await("its executions are given up", SOON, query, n -> n > before);
      act.landed((lost - before) + " executions were lost with it");
    } finally {
      one.signal("CONT");
    }
  }
}
