package dev.reseolio.survival.chaos;

import dev.reseolio.CallOnly;
import dev.reseolio.Reseolio;
import dev.reseolio.survival.Await;
import dev.reseolio.survival.Cable;
import dev.reseolio.survival.Network;
import dev.reseolio.survival.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// One more sidecar, which has only a cable between itself and the databases: no proxy, so that the
/// kernels at both ends see what happens. Its worker and its caller are at its side of the cable:
/// they use a socket in the file system, which networks do not divide.
final class Outpost implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 40_000_000;
  private static final String MILLIS = "400";

  private final Cluster cluster;

  /// What was committed before.
  private final long start;

  private final Cable cable;
  private final Node node;
  private final CallOnly client;
  private final Reseolio worker;
  private final AtomicInteger open = new AtomicInteger();
  private final Thread caller = new Thread(this::call, "outpost");
  private volatile boolean stopping;

  Outpost(Cluster cluster, String name) throws IOException, SQLException {
    this.cluster = cluster;
    this.start = Audit.last(cluster.databases());
    this.cable = cluster.network().cable();
    Path folder = cluster.settings().folder();
    this.node = launch(folder.resolve(name + ".socket"), folder.resolve("outpost.log"));
    this.client = CallOnly.join(node.address(), Duration.ofSeconds(10));
    this.worker = Reseolio.builder().address(node.address()).start();
    var handler = new ChaosWorker("outpost-" + name, cluster.recorder());
    worker.durable(ChaosWorker.FUNCTION, String.class, String.class, handler::handle);
    caller.start();
  }

  /// Again when it ends because it did not reach the database in its two seconds, as whatever
  /// supervises it would.
  private Node launch(Path socket, Path log) throws IOException {
    String storage = cluster.databases().urlAt(Network.HERE);
    List<String> options = Sidecar.options(cluster.settings());
    long giveUp = System.nanoTime() + SOON.toNanos();
    while (true) {
      try {
        return Node.launch(cable.before(), storage, "unix:" + socket, log, options).ready();
      } catch (AssertionError ended) {
        if (System.nanoTime() - giveUp >= 0) {
          throw ended;
        }
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it is recorded
  private void call() {
    while (!stopping) {
      open.incrementAndGet();
      cluster
          .load()
          .callThrough(client, MILLIS)
          .whenComplete((job, failure) -> open.decrementAndGet());
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  Cable cable() {
    return cable;
  }

  /// Until jobs of its own have ended, so that others are under way.
  ///
  /// @return its incarnation
  int awaitWork() throws SQLException {
    int now = incarnation();
    String ended = Audit.countSince(start, "tab = 'DONE' AND owner = " + now);
    cluster.databases().await("the outpost is at work", SOON, ended, count -> count >= 5);
    return now;
  }

  /// As the database knows it; 0: it has fenced the last one.
  private int incarnation() throws SQLException {
    return (int) cluster.databases().one(Sidecar.incarnation(node));
  }

  /// @return its incarnation
  int awaitIncarnationAfter(int last) throws SQLException {
    String incarnation = Sidecar.incarnation(node);
    return (int)
        cluster.databases().await("it is a new node", SOON, incarnation, now -> now > last);
  }

  /// Until the cut is seen at both ends: what the sidecar sends goes nowhere and waits for its
  /// receipt, and the database still holds the sessions.
  ///
  /// @return how much of each
  String awaitSilence() throws Exception {
    Await.until(
        "packets vanish, and neither end is told",
        SOON,
        () -> cable.vanished() > 0 && cable.unacknowledged() > 0 && sessions() > 0);
    return "%d packets vanished, %d bytes have no receipt, %d sessions are half-open"
        .formatted(cable.vanished(), cable.unacknowledged(), sessions());
  }

  private long sessions() throws SQLException {
    return cluster
        .databases()
        .one(
            "SELECT count(*) FROM pg_stat_activity WHERE client_addr = '%s'"
                .formatted(cable.address()));
  }

  @Override
  public String toString() {
    return "outpost";
  }

  /// Stays until its calls are answered, and the sidecar has stopped as a deployment stops it.
  @Override
  public void close() {
    stopping = true;
    try {
      caller.join();
      Await.until("its calls are answered", SOON, () -> open.get() == 0);
      worker.close();
      client.close();
      node.signal("TERM");
      node.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      node.close();
      cable.close();
    }
  }
}
