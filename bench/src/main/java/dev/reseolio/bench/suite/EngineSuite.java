package dev.reseolio.bench.suite;

import dev.reseolio.bench.app.EngineBench;
import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import java.util.List;
import java.util.Map;

/// The engine alone; [EngineBench] is the process.
public final class EngineSuite {
  private static final int CALLERS = 2000;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;

  public EngineSuite(Place place, Postgres postgres, Figures figures, Sizes sizes) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
  }

  public void run() {
    String storage = postgres.fresh("bench_engine");
    try (Program engine = start(place, storage)) {
      latency(engine);
      engine.tell("calls %d %d".formatted(sizes.engineJobs() / 2, CALLERS)); // warm-up
      engine.await("calls");
      rate(engine, "together", "calls", " " + CALLERS);
      rate(engine, "batch", "fill", "");
      rate(engine, "drain", "drain", "");
    }
  }

  public static Program start(Place place, String storage) {
    List<String> command =
        List.of(
            Place.java(),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            EngineBench.class.getName(),
            storage);
    Program engine = Program.start(place.work(), "engine", command, Map.of());
    engine.await("ready");
    return engine;
  }

  private void latency(Program engine) {
    engine.tell("latency " + sizes.roundTrips());
    double[] measured = engine.await("latency").numbers();
    figures.add("engine.enqueue.p50", measured[0], "ms");
    figures.add("engine.enqueue.p99", measured[1], "ms");
    figures.add("engine.roundtrip.p50", measured[2], "ms");
    figures.add("engine.roundtrip.p99", measured[3], "ms");
  }

  private void rate(Program engine, String name, String command, String more) {
    Meter meter = Meter.start(postgres, Map.of("engine", List.of(engine)));
    engine.tell(command + " " + sizes.engineJobs() + more);
    double seconds = engine.await(command).numbers()[0];
    figures.add(
        "engine." + name, sizes.engineJobs() / seconds, "jobs/s", meter.stop(sizes.engineJobs()));
  }
}
