package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Done;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The same load on 1, 2, 4 and 8 sidecars of one PostgreSQL, each with a client and a worker in
/// Node.
public final class Scaling {
  private static final int[] NODES = {1, 2, 4, 8};
  private static final int CALLERS = 32;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;
  private final List<Program> clients = new ArrayList<>();
  private final List<Program> sidecars = new ArrayList<>();
  private final List<Program> workers = new ArrayList<>();

  public Scaling(Place place, Postgres postgres, Figures figures, Sizes sizes) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
  }

  public void run() {
    for (int nodes : NODES) {
      String storage = postgres.fresh("bench_scaling");
      try (Running all = new Running();
          Done done = new Done(storage)) {
        start(all, storage, nodes);
        connect();
        calls(done, sizes.loadJobs()); // warm-up
        Wait.millis(1500); // the nodes know of each other
        together(done, nodes);
        disconnect();
        drain(done, nodes);
      }
    }
  }

  private void start(Running all, String storage, int nodes) {
    clients.clear();
    sidecars.clear();
    workers.clear();
    for (int i = 0; i < nodes; i++) {
      Sidecar sidecar = all.add(Sidecar.start(place, storage));
      String slots = "" + sizes.concurrency() / nodes;
      sidecars.add(sidecar.program());
      clients.add(all.add(place.application(Language.NODE, "client", sidecar.address())));
      workers.add(all.add(place.application(Language.NODE, "worker", sidecar.address(), slots)));
    }
    clients.forEach(client -> client.await("ready"));
  }

  private void connect() {
    workers.forEach(worker -> worker.tell("connect"));
    workers.forEach(worker -> worker.await("connected"));
  }

  private void disconnect() {
    workers.forEach(worker -> worker.tell("disconnect"));
    workers.forEach(worker -> worker.await("disconnected"));
  }

  private Meter meter() {
    return Meter.start(
        postgres, Map.of("clients", clients, "sidecars", sidecars, "workers", workers));
  }

  /// All clients call, each its share; returns when all jobs have ended.
  private double calls(Done done, int jobs) {
    int share = jobs / clients.size();
    long before = done.count();
    long begin = System.nanoTime();
    clients.forEach(c -> c.tell("calls %d %d".formatted(share, CALLERS / clients.size())));
    done.await(before + (long) share * clients.size());
    double seconds = (System.nanoTime() - begin) / 1e9;
    clients.forEach(client -> client.await("calls"));
    return share * clients.size() / seconds;
  }

  private void together(Done done, int nodes) {
    Meter meter = meter();
    double rate = calls(done, sizes.loadJobs());
    add("scaling." + nodes + ".together", rate, nodes, meter.stop(sizes.loadJobs()));
  }

  private void drain(Done done, int nodes) {
    clients.getFirst().tell("batch " + sizes.loadJobs());
    clients.getFirst().await("batch");
    long before = done.count();
    Meter meter = meter();
    workers.forEach(worker -> worker.tell("connect"));
    done.await(before + sizes.loadJobs());
    double took = System.currentTimeMillis() - done.firstStart(sizes.loadJobs());
    add(
        "scaling." + nodes + ".drain",
        sizes.loadJobs() / took * 1000,
        nodes,
        meter.stop(sizes.loadJobs()));
  }

  private void add(String name, double rate, int nodes, Meter.Cost cost) {
    figures.add(name, rate, "jobs/s", cost);
    double cores = cost.cpu().getOrDefault("sidecars", 0.0) * rate / 1e6;
    figures.add(name + ".node", 100 * cores / nodes, "% of a core, each sidecar");
  }
}
