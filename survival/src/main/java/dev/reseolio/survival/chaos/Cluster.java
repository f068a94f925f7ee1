package dev.reseolio.survival.chaos;

import dev.reseolio.CallOnly;
import dev.reseolio.checker.Recorder;
import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.survival.Await;
import dev.reseolio.survival.Databases;
import dev.reseolio.survival.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Everything that runs: databases, sidecars, workers, callers.
final class Cluster implements AutoCloseable {
  private static final int AT_WORK = 20;

  private final Settings settings;
  private final Databases databases;
  private final @Nullable Disk disk;
  private final @Nullable Network network;
  private final List<Sidecar> sidecars = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();
  private final List<CallOnly> clients = new ArrayList<>();
  private final Recorder recorder;
  private final Load load;

  private Cluster(
      Settings settings,
      @Nullable Disk disk,
      @Nullable Network network,
      Databases databases,
      Recorder recorder) {
    this.settings = settings;
    this.disk = disk;
    this.network = network;
    this.databases = databases;
    this.recorder = recorder;
    this.load = new Load(clients, databases, recorder, settings.rate());
  }

  static Cluster start(Settings settings, Recorder recorder) throws IOException, SQLException {
    Path data = settings.folder().resolve("data");
    Disk disk = settings.disk() > 0 ? Disk.mount(data, settings.disk()) : null;
    Network network = settings.cable() ? Network.build() : null;
    String addresses = network == null ? "127.0.0.1" : "127.0.0.1," + Network.HERE;
    var databases = Databases.start(data, settings.standby(), server -> set(server, addresses));
    var cluster = new Cluster(settings, disk, network, databases, recorder);
    try {
      cluster.start();
      return cluster;
    } catch (Exception | AssertionError failed) {
      cluster.close();
      throw failed;
    }
  }

  private static EmbeddedPostgres.Builder set(EmbeddedPostgres.Builder server, String addresses) {
    return server
        .setting("listen_addresses", addresses)
        .setting("track_commit_timestamp", "on")
        .setting("max_connections", "60")
        .setting("shared_buffers", "64MB");
  }

  private void start() throws IOException, SQLException {
    for (int i = 0; i < settings.sidecars(); i++) {
      sidecars.add(new Sidecar(i, databases, settings));
    }
    try (Connection sql = databases.connect()) {
      Audit.install(sql);
    }
    for (Sidecar sidecar : sidecars) {
      workers.add(new Worker(workers.size(), sidecar, settings));
      clients.add(CallOnly.join("127.0.0.1:" + sidecar.port(), Duration.ofSeconds(10)));
    }
    load.start();
  }

  Databases databases() {
    return databases;
  }

  /// That of the databases; only with `disk=`.
  Disk disk() {
    return Objects.requireNonNull(disk, "this run has no disk of its own");
  }

  /// Only with `cable=pulled`.
  Network network() {
    return Objects.requireNonNull(network, "this run has no network of its own");
  }

  Settings settings() {
    return settings;
  }

  List<Sidecar> sidecars() {
    return sidecars;
  }

  List<Worker> workers() {
    return workers;
  }

  /// Calls a second that are wanted.
  int rate() {
    return settings.rate();
  }

  Recorder recorder() {
    return recorder;
  }

  Load load() {
    return load;
  }

  /// True when everything is there, and enough under way for a fault to prove something.
  boolean atWork() throws IOException {
    revive();
    return load.rate() >= settings.rate() * 8L / 10
        && sidecars.stream().allMatch(one -> metric(one, "reseolio_workers") > 0)
        && sidecars.stream().mapToDouble(one -> metric(one, "reseolio_running")).sum() >= AT_WORK;
  }

  private static double metric(Sidecar one, String name) {
    try {
      return one.node().metric(name);
    } catch (IOException e) {
      return 0; // It is down.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /// Every process is there again: an application that gave up because its sidecar was away is
  /// started again, as whatever supervises it would.
  void revive() throws IOException {
    for (Sidecar one : sidecars) {
      if (!one.node().alive()) {
        one.restart();
      }
    }
    for (Worker one : workers) {
      if (!one.alive()) {
        one.restart();
      }
    }
  }

  /// No more calls; waits until everything that was asked for has ended.
  ///
  /// @return false: something has not
  boolean quiesce(Duration atMost) throws SQLException {
    load.close();
    try {
      Await.until("everything ends", atMost, () -> load.open() == 0 && unfinished() == 0);
      return true;
    } catch (AssertionError late) {
      System.out.printf(
          "chaos: after %s %d jobs have not ended and %d answers are missing%n",
          atMost, unfinished(), load.open());
      return false;
    }
  }

  private long unfinished() throws SQLException {
    return databases.one(
        "SELECT count(*) FROM reseolio.job j WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = j.id)");
  }

  @Override
  public void close() throws IOException {
    load.close();
    clients.forEach(CallOnly::close);
    for (Worker one : workers) {
      one.close();
    }
    for (Sidecar one : sidecars) {
      one.close();
    }
    databases.close();
    if (disk != null) {
      disk.close();
    }
  }
}
