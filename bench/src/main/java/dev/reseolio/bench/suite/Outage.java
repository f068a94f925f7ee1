package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.survival.Databases;
import dev.reseolio.survival.Databases.Standby;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// W5: PostgreSQL ends at once, as in a crash: until it, or its standby, takes writes again, and
/// from then until a round trip through the last of the sidecars has succeeded.
public final class Outage {
  private final Nodes nodes;
  private final Figures figures;

  public Outage(Nodes nodes, Figures figures) {
    this.nodes = nodes;
    this.figures = figures;
  }

  private interface Step {
    void take() throws SQLException;
  }

  /// It starts again.
  public void restarted(Postgres postgres) throws SQLException {
    measure("restart", postgres.fresh("bench_outage"), postgres::crash, postgres::startAgain);
  }

  /// Its synchronous standby is promoted at once.
  public void failedOver() throws SQLException, IOException {
    Path folder = Files.createTempDirectory("reseolio-bench-standby-");
    try (Databases pair = Databases.start(folder, Standby.SYNC, Postgres::durable)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(pair)));
      String storage = pair.url(List.of(pair.port(0), pair.port(1)));
      measure("failover", storage, () -> pair.stop("QUIT"), pair::promote);
    }
  }

  /// Nothing is left when somebody stops the run.
  private static void end(Databases pair) {
    try {
      pair.close();
    } catch (IOException e) {
      System.err.println("bench: " + e);
    }
  }

  private void measure(String what, String storage, Step end, Step again) throws SQLException {
    try (Running all = new Running()) {
      List<Program> workers = new ArrayList<>();
      List<Program> clients = new ArrayList<>();
      for (Sidecar sidecar : nodes.start(all, storage, storage)) {
        workers.add(nodes.worker(all, sidecar, ""));
        clients.add(nodes.client(all, sidecar));
      }
      workers.forEach(worker -> worker.await("connected"));
      clients.forEach(client -> client.await("ready"));
      clients.forEach(Outage::roundTrip);
      long begin = System.nanoTime();
      end.take();
      clients.forEach(client -> client.tell("retry"));
      again.take();
      long up = System.nanoTime();
      double[] back =
          Program.await(clients, "retry", nodes.count()).mapToDouble(n -> (n - up) / 1e6).toArray();
      figures.add(nodes.named(what, "postgres"), (up - begin) / 1e6, "ms");
      figures.add(nodes.named(what, "last"), back[nodes.count() - 1], "ms");
    }
  }

  private static void roundTrip(Program client) {
    client.tell("retry");
    client.await("retry");
  }
}
