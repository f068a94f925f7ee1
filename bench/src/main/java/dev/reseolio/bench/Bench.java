package dev.reseolio.bench;

import static dev.reseolio.bench.figures.Figures.Target.atLeast;
import static dev.reseolio.bench.figures.Figures.Target.atMost;
import static java.util.Map.entry;

import dev.reseolio.bench.figures.Figures;
import dev.reseolio.bench.figures.Figures.Target;
import dev.reseolio.bench.process.Place;
import dev.reseolio.bench.process.Place.Language;
import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.suite.Decay;
import dev.reseolio.bench.suite.EngineSuite;
import dev.reseolio.bench.suite.Footprint;
import dev.reseolio.bench.suite.Nodes;
import dev.reseolio.bench.suite.Outage;
import dev.reseolio.bench.suite.Scaling;
import dev.reseolio.bench.suite.SdkBench;
import dev.reseolio.bench.suite.Sizes;
import dev.reseolio.bench.suite.Takeover;
import dev.reseolio.bench.suite.UnderLoad;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs the suites named (none: USUAL, with `FULL=1` ALL; `takeover`: TAKEOVER), most of them
/// several times, in turn, on a PostgreSQL of its own. `jmh` alone runs the microbenchmarks.
public final class Bench {
  private static final List<String> USUAL = List.of("engine", "java", "node", "footprint", "kills");
  private static final List<String> TAKEOVER =
      List.of("kills", "cut", "frozen", "restart", "failover");
  private static final List<String> ALL =
      Stream.concat(
              Stream.of("engine", "java", "node", "load", "footprint", "scaling", "decay"),
              TAKEOVER.stream())
          .toList();
  private static final Map<String, Target> TARGETS =
      Map.ofEntries(
          entry("engine.together", atLeast(100_000)),
          entry("java.enqueue.p50", atMost(0.45)),
          entry("java.roundtrip.p50", atMost(1.0)),
          entry("java.roundtrip.p99", atMost(4)),
          entry("java.warm.enqueue.p50", atMost(0.45)),
          entry("java.warm.roundtrip.p50", atMost(1.0)),
          entry("java.warm.roundtrip.p99", atMost(4)),
          entry("java.together", atLeast(15_000)),
          entry("java.workflow.p50", atMost(2)),
          entry("java.workflows", atLeast(3000)),
          entry("java.batch", atLeast(80_000)),
          entry("java.drain", atLeast(45_000)),
          entry("node.enqueue.p50", atMost(0.7)),
          entry("node.roundtrip.p50", atMost(1.6)),
          entry("node.roundtrip.p99", atMost(5)),
          entry("node.warm.enqueue.p50", atMost(0.7)),
          entry("node.warm.roundtrip.p50", atMost(1.6)),
          entry("node.warm.roundtrip.p99", atMost(5)),
          entry("node.together", atLeast(8000)),
          entry("node.drain", atLeast(20_000)),
          entry("start", atMost(300)),
          entry("load.java.half.p99", atMost(10)),
          entry("load.node.half.p99", atMost(10)),
          entry("decay.snapshot.kept", atLeast(90)),
          entry("decay.timers.kept", atLeast(90)),
          entry("rss.idle", atMost(64)),
          entry("rss.after.200k", atMost(96)),
          entry("idle.transactions", atMost(10)),
          entry("kill.worker.java.last", atMost(50)),
          entry("kill.sidecar.java.last", atMost(300)),
          entry("kill.worker.node.last", atMost(50)),
          entry("kill.sidecar.node.last", atMost(300)),
          entry("kill.worker.java.5nodes.last", atMost(50)),
          entry("kill.sidecar.java.5nodes.last", atMost(300)),
          entry("kill.worker.node.5nodes.last", atMost(50)),
          entry("kill.sidecar.node.5nodes.last", atMost(300)),
          entry("cut.sidecar.java.last", atMost(5000)),
          entry("cut.sidecar.java.5nodes.last", atMost(5000)),
          entry("frozen.sidecar.java.last", atMost(16_000)),
          entry("frozen.sidecar.java.5nodes.last", atMost(16_000)),
          entry("restart.java.last", atMost(2000)),
          entry("restart.java.5nodes.last", atMost(2000)),
          entry("failover.java.last", atMost(5000)),
          entry("failover.java.5nodes.last", atMost(5000)));

  private final Set<String> suites;
  private final Place place;
  private final Postgres postgres;
  private final Figures figures;
  private final Sizes sizes;

  private Bench(Set<String> suites, Place place, Postgres postgres, Figures figures, Sizes sizes) {
    this.suites = suites;
    this.place = place;
    this.postgres = postgres;
    this.figures = figures;
    this.sizes = sizes;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 1 && arguments[0].equals("jmh")) {
      org.openjdk.jmh.Main.main(new String[] {"HotPath"});
      return;
    }
    boolean full = !System.getenv().getOrDefault("FULL", "").isEmpty();
    Set<String> suites = suites(arguments, full);
    Path work = Files.createTempDirectory("reseolio-bench-");
    Place place = Place.of(Path.of("").toAbsolutePath(), work);
    Figures figures = new Figures(TARGETS);
    Sizes sizes = Sizes.of(full);
    Postgres postgres = Postgres.start(work);
    String synchronousCommit = postgres.setting("synchronous_commit");
    describe(postgres, place, sizes);
    new Bench(suites, place, postgres, figures, sizes).measure();
    figures.print(synchronousCommit);
  }

  private static Set<String> suites(String[] named, boolean full) {
    List<String> wanted = named.length > 0 ? List.of(named) : full ? ALL : USUAL;
    Set<String> suites =
        wanted.stream()
            .flatMap(one -> one.equals("takeover") ? TAKEOVER.stream() : Stream.of(one))
            .collect(Collectors.toSet());
    if (!ALL.containsAll(suites)) {
      System.err.println(
          "bench: expected some of %s, takeover (%s), or jmh alone, but got: %s"
              .formatted(ALL, TAKEOVER, wanted));
      System.exit(2);
    }
    return suites;
  }

  private interface Part {
    void play() throws IOException, SQLException;
  }

  private void measure() throws IOException, SQLException {
    for (int run = 1; run <= sizes.runs(); run++) {
      repeated(run);
    }
    for (Language language : Language.values()) {
      play("load", () -> new UnderLoad(place, postgres, figures, sizes, language).run());
    }
    play("scaling", () -> new Scaling(place, postgres, figures, sizes).run());
    play("decay", () -> new Decay(place, postgres, figures, sizes).run());
    play("footprint", () -> new Footprint(place, postgres, figures, sizes).run());
    for (int count : sizes.takeovers().nodes()) {
      Nodes nodes = new Nodes(place, Language.JAVA, count);
      Outage outage = new Outage(nodes, figures);
      play("cut", () -> new Takeover(nodes, postgres, figures).cut());
      play("frozen", () -> new Takeover(nodes, postgres, figures).frozen());
      play("restart", () -> outage.restarted(postgres));
      play("failover", outage::failedOver);
    }
  }

  private void repeated(int run) throws IOException, SQLException {
    play(run, "engine", () -> new EngineSuite(place, postgres, figures, sizes).run());
    for (Language language : Language.values()) {
      String suite = language.name().toLowerCase(Locale.ROOT);
      play(run, suite, () -> new SdkBench(place, postgres, figures, sizes, language).run());
    }
    for (Language language : sizes.takeovers().killed()) {
      for (int count : sizes.takeovers().nodes()) {
        Nodes nodes = new Nodes(place, language, count);
        play(run, "kills", () -> new Takeover(nodes, postgres, figures).killed());
      }
    }
  }

  private void play(String suite, Part part) throws IOException, SQLException {
    play(1, suite, part);
  }

  /// If its suite is wanted; says how long it took.
  private void play(int run, String suite, Part part) throws IOException, SQLException {
    if (suites.contains(suite)) {
      System.out.printf("  run %d: %-10s", run, suite);
      long begin = System.nanoTime();
      part.play();
      System.out.printf(Locale.ROOT, "%6.1f s%n", (System.nanoTime() - begin) / 1e9);
    }
  }

  private static void describe(Postgres postgres, Place place, Sizes sizes) throws Exception {
    System.out.printf(
        "%s, %d cores, %s, load %s%n",
        ZonedDateTime.now(java.time.ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm zzz", Locale.ROOT)),
        Runtime.getRuntime().availableProcessors(),
        memory(),
        Files.readString(Path.of("/proc/loadavg")).strip().replaceAll("( \\S+){2}$", ""));
    System.out.printf(
        "commit %s, PostgreSQL %s (fsync %s, synchronous_commit %s), Java %s, Node %s%n",
        said("git", "rev-parse", "--short", "HEAD"),
        postgres.version(),
        postgres.setting("fsync"),
        postgres.setting("synchronous_commit"),
        Runtime.version(),
        said("node", "--version"));
    System.out.println("sidecar " + place.repository().relativize(place.sidecar()));
    System.out.printf(
        "%d runs; W1 %d round trips; W2 %d jobs (engine alone: %d), %d at once in a worker%n",
        sizes.runs(), sizes.roundTrips(), sizes.jobs(), sizes.engineJobs(), sizes.concurrency());
  }

  private static String memory() throws IOException {
    String total = Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("\\D", "");
    return Long.parseLong(total) / (1 << 20) + " GB";
  }

  private static String said(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
