package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;
import dev.reseolio.survival.Proxy;
import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;

/// W5: a worker or a sidecar that is killed, cut off or stands still, and the time until the first
/// and the last of the jobs that were running start elsewhere.
public final class Takeover {
  private final Nodes nodes;
  private final Postgres postgres;
  private final Figures figures;

  public Takeover(Nodes nodes, Postgres postgres, Figures figures) {
    this.nodes = nodes;
    this.postgres = postgres;
    this.figures = figures;
  }

  /// What happens to a sidecar or to its worker, which holds the jobs.
  ///
  /// @param spares the sidecar, so that another worker of it may be an heir
  private record Blow(String name, boolean spares, BiConsumer<Sidecar, Program> strike) {}

  public void killed() {
    strike(new Blow("kill.worker", true, (sidecar, worker) -> worker.kill()), postgres.port());
    strike(new Blow("kill.sidecar", false, (sidecar, worker) -> sidecar.kill()), postgres.port());
  }

  public void frozen() {
    strike(
        new Blow("frozen.sidecar", false, (sidecar, worker) -> sidecar.program().freeze()),
        postgres.port());
  }

  /// Between a sidecar and its database nothing gets through any more, and nobody is told. Where we
  /// may not make such a network, nothing is measured: there a silent sidecar is like a frozen one.
  public void cut() throws IOException {
    try (Proxy wire = Proxy.to(postgres::port)) {
      if (wire.hasHoles()) {
        strike(new Blow("cut.sidecar", false, (sidecar, worker) -> wire.cut()), wire.port());
      } else {
        System.err.println("bench: no cut.sidecar: expected the right to change routes (as root)");
      }
    }
  }

  /// @param port where the first sidecar finds the database
  private void strike(Blow blow, int port) {
    String storage = postgres.fresh("bench_takeover");
    try (Running all = new Running()) {
      List<Sidecar> sidecars = nodes.start(all, Postgres.at(storage, port), storage);
      Sidecar first = sidecars.getFirst();
      Program holder = holder(all, first);
      List<Program> heirs =
          heirs(all, blow.spares() ? sidecars : sidecars.subList(1, nodes.count()));
      Wait.millis(2000); // the heirs are known, and have nothing to do
      long begin = System.nanoTime();
      blow.strike().accept(first, holder);
      started(blow.name(), heirs, begin);
      first.kill(); // one that stands still does not end when it is asked to
    }
  }

  /// A worker whose slots are all taken.
  private Program holder(Running all, Sidecar sidecar) {
    Program holder = nodes.worker(all, sidecar, "hold");
    Program client = nodes.client(all, sidecar);
    holder.await("connected");
    client.await("ready");
    client.tell("batch " + Nodes.SLOTS);
    for (int i = 0; i < Nodes.SLOTS; i++) {
      holder.await("start");
    }
    return holder;
  }

  /// Workers that have run jobs before: how long a fresh process takes for its first is not asked
  /// here.
  private List<Program> heirs(Running all, List<Sidecar> sidecars) {
    List<Program> heirs = sidecars.stream().map(one -> nodes.worker(all, one, "hold")).toList();
    List<Program> clients = sidecars.stream().map(one -> nodes.client(all, one)).toList();
    heirs.forEach(heir -> heir.await("connected"));
    clients.forEach(client -> client.tell("warm"));
    clients.forEach(client -> client.await("warm"));
    return heirs;
  }

  private void started(String what, List<Program> heirs, long begin) {
    double[] after =
        Program.await(heirs, "start", Nodes.SLOTS).mapToDouble(n -> (n - begin) / 1e6).toArray();
    if (after[0] < 0) {
      System.err.println(
          "bench: no " + what + ": a job had moved before; this machine is too busy");
      return;
    }
    figures.add(nodes.named(what, "first"), after[0], "ms");
    figures.add(nodes.named(what, "last"), after[Nodes.SLOTS - 1], "ms");
  }
}
