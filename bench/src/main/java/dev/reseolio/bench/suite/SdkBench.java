package dev.reseolio.bench.suite;

import dev.reseolio.bench.app.Load;
import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Done;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// W1, W2 and W4: a client process, a worker process and a sidecar.
public final class SdkBench {
  private static final int CALLERS = 32;
  private static final int WARM_UP_JOBS = 20_000;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;
  private final String name;
  private final Language language;

  public SdkBench(Place place, Postgres postgres, Figures figures, Sizes sizes, Language language) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
    this.language = language;
    this.name = language.name().toLowerCase(Locale.ROOT);
  }

  public void run() {
    String storage = postgres.fresh("bench_" + name);
    try (Sidecar sidecar = Sidecar.start(place, storage);
        Done done = new Done(storage);
        Program client = place.application(language, "client", sidecar.address());
        Program worker =
            place.application(language, "worker", sidecar.address(), "" + sizes.concurrency())) {
      client.await("ready");
      worker.tell("connect");
      worker.await("connected");
      roundTrips(client, name);
      warmUp(client, done);
      roundTrips(client, name + ".warm");
      Map<String, List<Program>> all = new LinkedHashMap<>();
      all.put("client", List.of(client));
      all.put("sidecar", List.of(sidecar.program()));
      all.put("worker", List.of(worker));
      together(all, client, done);
      workflows(all, client);
      worker.tell("disconnect");
      worker.await("disconnected");
      fill(all, client);
      drain(all, worker, done);
    }
  }

  /// In processes that were just started, and again when they have run some ten thousand jobs.
  private void roundTrips(Program client, String as) {
    double[] measured = latency(client, Load.FUNCTION, sizes.roundTrips());
    figures.add(as + ".enqueue.p50", measured[0], "ms");
    figures.add(as + ".enqueue.p99", measured[1], "ms");
    figures.add(as + ".roundtrip.p50", measured[2], "ms");
    figures.add(as + ".roundtrip.p99", measured[3], "ms");
  }

  /// Percentiles 50 and 99 of calls, and of round trips.
  private static double[] latency(Program client, String function, int count) {
    client.tell("latency %s %d".formatted(function, count));
    return client.await("latency").numbers();
  }

  private void warmUp(Program client, Done done) {
    long before = done.count();
    client.tell("calls %d %d".formatted(WARM_UP_JOBS, CALLERS));
    client.await("calls");
    done.await(before + WARM_UP_JOBS);
    Wait.millis(300);
  }

  /// One call per job, drained at the same time.
  private void together(Map<String, List<Program>> all, Program client, Done done) {
    long before = done.count();
    Meter meter = Meter.start(postgres, all);
    long begin = System.nanoTime();
    client.tell("calls %d %d".formatted(sizes.jobs(), CALLERS));
    done.await(before + sizes.jobs());
    double seconds = (System.nanoTime() - begin) / 1e9;
    client.await("calls");
    figures.add(name + ".together", sizes.jobs() / seconds, "jobs/s", meter.stop(sizes.jobs()));
  }

  /// Three steps each, whose results are committed before the next one begins.
  private void workflows(Map<String, List<Program>> all, Program client) {
    double[] measured = latency(client, Load.FLOW, sizes.roundTrips());
    figures.add(name + ".workflow.p50", measured[2], "ms");
    figures.add(name + ".workflow.p99", measured[3], "ms");
    Meter meter = Meter.start(postgres, all);
    client.tell("rounds %s %d %d".formatted(Load.FLOW, sizes.jobs(), CALLERS));
    double seconds = client.await("rounds").numbers()[0];
    figures.add(name + ".workflows", sizes.jobs() / seconds, "flows/s", meter.stop(sizes.jobs()));
  }

  /// Nobody runs anything.
  private void fill(Map<String, List<Program>> all, Program client) {
    Meter meter = Meter.start(postgres, all);
    client.tell("batch " + sizes.jobs());
    double seconds = client.await("batch").numbers()[0];
    figures.add(name + ".batch", sizes.jobs() / seconds, "jobs/s", meter.stop(sizes.jobs()));
  }

  /// From the first start to the last commit.
  private void drain(Map<String, List<Program>> all, Program worker, Done done) {
    long before = done.count();
    Meter meter = Meter.start(postgres, all);
    worker.tell("connect");
    done.await(before + sizes.jobs());
    double end = System.currentTimeMillis();
    figures.add(
        name + ".drain",
        sizes.jobs() / (end - done.firstStart(sizes.jobs())) * 1000,
        "jobs/s",
        meter.stop(sizes.jobs()));
  }
}
