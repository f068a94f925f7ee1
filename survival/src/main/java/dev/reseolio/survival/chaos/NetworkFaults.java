package dev.reseolio.survival.chaos;

import static dev.reseolio.survival.chaos.ProcessFaults.any;
import static dev.reseolio.survival.chaos.ProcessFaults.awaitTakenOver;

import dev.reseolio.survival.Await;
import dev.reseolio.survival.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;

/// What a network does to a sidecar and its database, or to a worker and its sidecar.
final class NetworkFaults {
  static final Map<String, Fault> ALL =
      Map.of(
          "network-cut", NetworkFaults::cut,
          "network-half-open", NetworkFaults::halfOpen,
          "network-slow", NetworkFaults::slow,
          "connections-stranded", NetworkFaults::strand,
          "worker-stranded", NetworkFaults::strandWorker,
          "commit-in-doubt", NetworkFaults::inDoubt,
          "stopped-inside-flush", NetworkFaults::insideFlush,
          "worker-stream-flaps", NetworkFaults::flap);

  static final Map<String, Fault> WITH_CABLE = Map.of("unplugged", NetworkFaults::unplug);

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration SETTLED = Duration.ofMillis(300);

  private NetworkFaults() {}

  private static void heal(Sidecar one) {
    one.wires().forEach(Proxy::heal);
    one.wires().forEach(Proxy::reset);
  }

  private static void cut(Cluster cluster, Act act, SplittableRandom random) throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    act.inject(one);
    one.wires().forEach(Proxy::cut);
    try {
      awaitTakenOver(cluster, act, node);
      act.landed("node " + node + " was fenced behind " + one.wires().getFirst());
    } finally {
      heal(one);
    }
  }

  /// One direction is silent for a while.
  private static void halfOpen(Cluster cluster, Act act, SplittableRandom random) throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    boolean client = random.nextBoolean();
    int node = one.incarnation();
    act.inject(one);
    one.wires().forEach(w -> w.silence(client));
    try {
      Await.until(
          "it is found out", SOON, () -> one.node().readyz() != 200 || one.incarnation() != node);
      act.landed(client ? "the sidecar hears nothing" : "the database hears nothing");
    } finally {
      heal(one);
    }
  }

  /// Its sessions are silent for good, both ways, and new ones get through.
  private static void strand(Cluster cluster, Act act, SplittableRandom random) throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    act.inject(one);
    long since = System.nanoTime();
    int silent = one.wires().stream().mapToInt(Proxy::strand).sum();
    try {
      act.landed(silent + " sessions are silent");
      Await.during(SETTLED, () -> {}); // What the database has got already it may still commit.
      String node = "(" + Sidecar.incarnation(one.node()) + ")";
      awaitCommits(cluster, Audit.last(cluster.databases()), node);
      act.recovered(since);
    } finally {
      heal(one);
    }
  }

  /// @param last number of what was committed before
  private static void awaitCommits(Cluster cluster, long last, String node) throws SQLException {
    // What nobody owns has the owner 0, and a sidecar that was fenced has that number too.
    String commits = Audit.countSince(last, "owner > 0 AND owner = " + node);
    cluster.databases().await("it commits again", SOON, commits, count -> count > 0);
  }

  /// The cable between a sidecar and the database is pulled, and put back some seconds after others
  /// have its work: the longer it is out, the longer a kernel waits before it sends again.
  private static void unplug(Cluster cluster, Act act, SplittableRandom random) throws Exception {
    try (var outpost = new Outpost(cluster, act.id())) {
      int node = outpost.awaitWork();
      act.inject(outpost);
      outpost.cable().pull();
      String seen = outpost.awaitSilence();
      awaitTakenOver(cluster, act, node);
      act.landed(seen + ", node " + node + " was fenced");
      Await.during(Duration.ofMillis(random.nextInt(8000)), () -> {});
      long last = Audit.last(cluster.databases());
      long since = System.nanoTime();
      outpost.cable().plug();
      awaitCommits(cluster, last, "" + outpost.awaitIncarnationAfter(node));
      act.recovered(since);
    }
  }

  /// The same between a worker and its sidecar.
  private static void strandWorker(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Worker one = any(cluster.workers(), random);
    act.inject(one);
    long since = System.nanoTime();
    int silent = one.wire().strand();
    try {
      act.landed(silent + " connections are silent");
      Await.during(SETTLED, () -> {});
      String ended =
          Audit.countSince(
              Audit.last(cluster.databases()),
              "tab = 'DONE' AND info LIKE 'succeeded:%s/%%'".formatted(one));
      cluster.databases().await("it runs jobs again", SOON, ended, count -> count > 0);
      act.recovered(since);
    } finally {
      one.wire().reset();
    }
  }

  private static void slow(Cluster cluster, Act act, SplittableRandom random) throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    act.inject(one);
    one.wires().forEach(w -> w.delay(25));
    Await.during(Duration.ofMillis(random.nextInt(2000, 4000)), () -> {});
    one.wires().forEach(Proxy::heal);
    if (one.incarnation() == node) {
      act.landed("25 to 50 ms each way, node " + node + " lives on");
    }
  }

  /// Commits whose answer never comes, about twenty a second.
  private static void inDoubt(Cluster cluster, Act act, SplittableRandom random) {
    Sidecar one = any(cluster.sidecars(), random);
    long before = one.wires().stream().mapToInt(Proxy::cuts).sum();
    act.inject(one);
    for (int i = 0; i < 20; i++) {
      one.wires().forEach(w -> w.doubt(1));
      Await.during(Duration.ofMillis(50), () -> {});
    }
    one.wires().forEach(Proxy::heal);
    long cuts = one.wires().stream().mapToInt(Proxy::cuts).sum() - before;
    if (cuts > 0) {
      act.landed(cuts + " commits were not answered");
    }
  }

  /// The fence is executed and holds its lock, the rest of the flush never comes.
  private static void insideFlush(Cluster cluster, Act act, SplittableRandom random)
      throws Exception {
    Sidecar one = any(cluster.sidecars(), random);
    int node = one.incarnation();
    long before = one.wires().stream().mapToInt(Proxy::cuts).sum();
    act.inject(one);
    one.wires().forEach(Proxy::stopInsideFlush);
    try {
      Await.until(
          "a flush is cut", SOON, () -> one.wires().stream().mapToInt(Proxy::cuts).sum() > before);
      one.wires().forEach(Proxy::cut);
      awaitTakenOver(cluster, act, node);
      act.landed("node " + node + " was fenced in the middle of a flush");
    } finally {
      heal(one);
    }
  }

  /// The worker's connection breaks about ten times a second.
  private static void flap(Cluster cluster, Act act, SplittableRandom random) {
    Worker one = any(cluster.workers(), random);
    act.inject(one);
    int broken = 0;
    for (int i = 0; i < 20; i++) {
      broken += one.wire().reset();
      Await.during(Duration.ofMillis(100), () -> {});
    }
    if (broken > 0) {
      act.landed(broken + " connections were broken");
    }
  }
}
