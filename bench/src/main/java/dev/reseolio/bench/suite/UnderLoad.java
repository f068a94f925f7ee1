package dev.reseolio.bench.suite;

import dev.reseolio.bench.app.Load;
import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Meter;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import dev.reseolio.bench.process.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Round trips while much is going on: at half of the highest rate, beside a burst of enqueues,
/// beside a slow function. The highest rate is found first, by callers that wait for each result.
public final class UnderLoad {
  private static final int CALLERS = 200;
  private static final int BURST = 50_000;
  private static final int SLOW_SLOTS = 20;
  private static final int SLOW_JOBS = 5000;
  private static final int FIRST_SECONDS = 15;

  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;
  private final Language language;
  private final String name;

  public UnderLoad(
      Place place, Postgres postgres, Figures figures, Sizes sizes, Language language) {
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
    this.language = language;
    this.name = "load." + language.name().toLowerCase(Locale.ROOT);
  }

  public void run() {
    String storage = postgres.fresh("bench_load");
    try (Running all = new Running()) {
      Sidecar sidecar = all.add(Sidecar.start(place, storage));
      Program client = all.add(application("client", sidecar));
      Program other = all.add(application("client", sidecar));
      Program worker = all.add(application("worker", sidecar, "" + sizes.concurrency()));
      client.await("ready");
      other.await("ready");
      connect(worker);
      int most = highest(client, sidecar, worker);
      half(client, most / 2);
      beside(client, other, most / 4);
      Program slow = all.add(application("worker", sidecar, "" + SLOW_SLOTS, "slow"));
      connect(slow);
      besideSlow(client, other, most / 4);
    }
  }

  private Program application(String role, Sidecar sidecar, String... more) {
    return place.application(language, role, sidecar.address(), more);
  }

  private static void connect(Program worker) {
    worker.tell("connect");
    worker.await("connected");
  }

  private int highest(Program client, Sidecar sidecar, Program worker) {
    client.tell("rounds %s %d %d".formatted(Load.FUNCTION, sizes.loadJobs(), CALLERS)); // warm-up
    client.await("rounds");
    Meter meter =
        Meter.start(
            postgres,
            Map.of(
                "client", List.of(client),
                "sidecar", List.of(sidecar.program()),
                "worker", List.of(worker)));
    client.tell("rounds %s %d %d".formatted(Load.FUNCTION, sizes.loadJobs(), CALLERS));
    double rate = sizes.loadJobs() / client.await("rounds").numbers()[0];
    figures.add(name + ".highest", rate, "jobs/s", meter.stop(sizes.loadJobs()));
    return (int) rate;
  }

  /// The first seconds, in which compilers still work on what an open loop does, are for
  /// themselves.
  private void half(Program client, int rate) {
    Course first = Course.of(client, rate, FIRST_SECONDS);
    figures.add(name + ".half.first.p99", first.whole().numbers()[2], "ms");
    Program.Line whole = Course.of(client, rate, sizes.loadSeconds()).whole();
    figures.add(name + ".half.rate", rate, "jobs/s");
    figures.add(name + ".half.p50", whole.numbers()[1], "ms");
    figures.add(name + ".half.p99", whole.numbers()[2], "ms");
    figures.add(name + ".half.longest", whole.numbers()[3], "ms");
  }

  /// Another client enqueues as fast as it can what nobody runs.
  private void beside(Program client, Program other, int rate) {
    Course calm = Course.of(client, rate, sizes.loadSeconds());
    figures.add(name + ".calm.p99", calm.whole().numbers()[2], "ms");
    CompletableFuture<Course> course =
        CompletableFuture.supplyAsync(() -> Course.of(client, rate, sizes.loadSeconds() + 5));
    Wait.millis(2500);
    long begin = System.nanoTime();
    other.tell("other " + Load.PARKED + " " + BURST);
    double seconds = other.await("batch").numbers()[0];
    long end = System.nanoTime();
    Course burst = course.join();
    figures.add(name + ".burst.enqueue", BURST / seconds, "jobs/s");
    figures.add(name + ".burst.p99", burst.worstP99(begin, end), "ms");
    figures.add(name + ".burst.kept", 100 * burst.leastDone(begin, end) / rate, "%");
  }

  /// All slots of the slow function's worker are taken, and its queue is long.
  private void besideSlow(Program client, Program other, int rate) {
    other.tell("other " + Load.SLOW + " " + SLOW_JOBS);
    other.await("batch");
    Course slow = Course.of(client, rate, sizes.loadSeconds());
    figures.add(name + ".slow.p99", slow.whole().numbers()[2], "ms");
  }

  /// What an open loop said: a line each second, one in the end.
  private record Course(List<Program.Line> seconds, Program.Line whole) {
    static Course of(Program client, int rate, int seconds) {
      client.tell("open %d %d".formatted(rate, seconds));
      List<Program.Line> said = new ArrayList<>();
      while (true) {
        Program.Line line = client.await("");
        if (line.text().startsWith("open")) {
          return new Course(said, answered(line));
        }
        said.add(line);
      }
    }

    private static Program.Line answered(Program.Line whole) {
      if (whole.numbers()[4] + whole.numbers()[5] > 0) {
        throw new IllegalStateException("calls failed or were not answered: " + whole.text());
      }
      return whole;
    }

    /// The seconds that lie at least partly between two times.
    private List<double[]> between(long begin, long end) {
      return seconds.stream()
          .filter(line -> line.nanos() >= begin && line.nanos() <= end + 1_000_000_000L)
          .map(Program.Line::numbers)
          .toList();
    }

    double worstP99(long begin, long end) {
      return between(begin, end).stream().mapToDouble(s -> s[2]).max().orElseThrow();
    }

    double leastDone(long begin, long end) {
      return between(begin, end).stream().mapToDouble(s -> s[0]).min().orElseThrow();
    }
  }
}
