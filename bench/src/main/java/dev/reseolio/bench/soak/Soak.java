package dev.reseolio.bench.soak;

import static dev.reseolio.bench.figures.Figures.number;

import dev.reseolio.bench.app.Load;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Running;
import dev.reseolio.bench.process.Sidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Half of the highest rate, for some minutes, through one sidecar, a Java worker and a Node
/// worker. Fails when a call fails, a job is lost, or the sidecar grows.
public final class Soak {
  private static final int JOBS_TO_FIND_THE_RATE = 20_000;
  private static final int CALLERS = 200;
  private static final String SLOTS = "250";

  /// What the sidecar may grow by between the first and the last tenth, in MB.
  private static final double GROWTH = 16;

  /// More than this is too much, however it began.
  private static final double MOST = 128;

  private final int minutes;
  private final Program client;
  private final Probe probe;
  private final Series series;

  private Soak(int minutes, Program client, Probe probe, Series series) {
    this.minutes = minutes;
    this.client = client;
    this.probe = probe;
    this.series = series;
  }

  public static void main(String[] arguments) throws Exception {
    int minutes = Integer.parseInt(arguments[0]);
    Path root = Path.of("").toAbsolutePath();
    Path work = Files.createTempDirectory("reseolio-soak-");
    Place place = Place.of(root, work);
    Postgres postgres = Postgres.start(work);
    String storage = postgres.fresh("soak");
    String now =
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT));
    Path folder = root.resolve("target/soak").resolve(now);
    boolean good;
    try (Running all = new Running()) {
      Sidecar sidecar = all.add(Sidecar.watched(place, storage));
      String address = sidecar.address();
      Program java = all.add(place.application(Language.JAVA, "worker", address, SLOTS));
      Program node = all.add(place.application(Language.NODE, "worker", address, SLOTS));
      Program client = all.add(place.application(Language.NODE, "client", address));
      connect(java);
      connect(node);
      client.await("ready");
      try (Probe probe = new Probe(sidecar, java, node, storage);
          Series series = new Series(folder)) {
        good = new Soak(minutes, client, probe, series).run();
      }
    }
    System.out.println("samples and charts are in " + root.relativize(folder));
    System.exit(good ? 0 : 1);
  }

  private static void connect(Program worker) {
    worker.tell("connect");
    worker.await("connected");
  }

  private boolean run() {
    rate(); // warm-up
    int rate = (int) (rate() / 2);
    System.out.printf(
        Locale.ROOT, "%d minutes at %d jobs/s, half of the highest rate%n", minutes, rate);
    client.tell("open %d %d".formatted(rate, minutes * 60));
    for (int seconds = 1; ; seconds++) {
      Program.Line line = client.await("");
      if (line.text().startsWith("open")) {
        return verdict(line.numbers());
      }
      series.add(probe.sample(line));
      if (seconds % 30 == 0) {
        progress(seconds);
      }
    }
  }

  private double rate() {
    client.tell("rounds %s %d %d".formatted(Load.FUNCTION, JOBS_TO_FIND_THE_RATE, CALLERS));
    return JOBS_TO_FIND_THE_RATE / client.await("rounds").numbers()[0];
  }

  private void progress(int seconds) {
    series.draw();
    System.out.printf(
        "%5.1f min  %s jobs/s, p50 %s ms, p99 %s ms, sidecar %s MB, %s dead tuples%n",
        seconds / 60.0,
        number(series.end("jobs")),
        number(series.end("p50")),
        number(series.end("p99")),
        number(series.end("sidecar_rss")),
        number(series.end("dead_tuples")));
  }

  /// @param whole what the client said in the end: done, p50, p99, longest, failed, not answered
  private boolean verdict(double[] whole) {
    series.draw();
    long failed = (long) whole[4];
    long lost = Math.max((long) whole[5], probe.unfinished());
    double begin = series.start("sidecar_rss");
    double end = series.end("sidecar_rss");
    System.out.printf(
        Locale.ROOT,
        "soak: minutes=%d jobs=%d lost=%d failed=%d rss_start_mb=%s rss_end_mb=%s dead_tuples_max=%s p99_start_ms=%s p99_end_ms=%s%n",
        minutes,
        (long) whole[0],
        lost,
        failed,
        number(begin),
        number(end),
        number(series.most("dead_tuples")),
        number(series.start("p99")),
        number(series.end("p99")));
    if (end > begin + GROWTH || end > MOST) {
      System.out.printf(
          "the sidecar grew: it may end %s MB above its start, and at most at %s MB%n",
          number(GROWTH), number(MOST));
    }
    return lost == 0 && failed == 0 && end <= begin + GROWTH && end <= MOST;
  }
}
