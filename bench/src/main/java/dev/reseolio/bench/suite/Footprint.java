package dev.reseolio.bench.suite;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.process.Done;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;

/// W3: what a sidecar takes while nothing, or much, is going on.
public final class Footprint {
  private static final int STARTS = 5;
  private static final int IDLE_SECONDS = 5;
  private static final String DATABASE = "bench_footprint";

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;

  public Footprint(Place place, Postgres postgres, Figures figures, Sizes sizes) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
  }

  public void run() {
    String storage = postgres.fresh(DATABASE);
    Sidecar.start(place, storage).close(); // makes the schema
    for (int i = 0; i < STARTS; i++) {
      try (Sidecar sidecar = Sidecar.start(place, storage)) {
        figures.add("start", sidecar.startMillis(), "ms");
      }
    }
    try (Sidecar sidecar = Sidecar.start(place, storage);
        Program worker =
            place.application(
                Language.JAVA, "worker", sidecar.address(), "" + sizes.concurrency())) {
      worker.tell("connect");
      worker.await("connected");
      idle(sidecar);
      load(storage, sidecar);
    }
  }

  private void idle(Sidecar sidecar) {
    Wait.millis(3000);
    figures.add("rss.idle", sidecar.residentMegabytes(), "MB");
    long before = postgres.transactions(DATABASE);
    Wait.millis(IDLE_SECONDS * 1000);
    double perSecond = (double) (postgres.transactions(DATABASE) - before) / IDLE_SECONDS;
    figures.add("idle.transactions", perSecond, "1/s");
  }

  private void load(String storage, Sidecar sidecar) {
    try (Program client = place.application(Language.JAVA, "client", sidecar.address());
        Done done = new Done(storage)) {
      client.await("ready");
      client.tell("calls %d 32".formatted(sizes.footprintJobs()));
      client.await("calls");
      done.await(sizes.footprintJobs());
      figures.add(
          "rss.after." + sizes.footprintJobs() / 1000 + "k", sidecar.residentMegabytes(), "MB");
    }
  }
}
