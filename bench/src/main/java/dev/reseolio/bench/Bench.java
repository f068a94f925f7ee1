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
import dev.reseolio.bench.suite.Scaling;
import dev.reseolio.bench.suite.SdkBench;
import dev.reseolio.bench.suite.Sizes;
import dev.reseolio.bench.suite.Takeover;
import dev.reseolio.bench.suite.UnderLoad;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs the suites named (none: USUAL, with `FULL=1` ALL), most of them several times, in turn, on
/// a PostgreSQL of its own. `jmh` alone runs the microbenchmarks.
public final class Bench {
  private static final List<String> USUAL =
      List.of("engine", "java", "node", "footprint", "takeover");
  private static final List<String> ALL =
      List.of("engine", "java", "node", "load", "footprint", "takeover", "scaling", "decay");
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
          entry("kill.worker.node.last", atMost(300)),
          entry("kill.sidecar.node.last", atMost(300)),
          entry("kill.worker.java.5nodes.last", atMost(300)),
          entry("kill.sidecar.java.5nodes.last", atMost(300)),
          entry("kill.worker.node.5nodes.last", atMost(300)),
          entry("kill.sidecar.node.5nodes.last", atMost(300)),
          entry("frozen.sidecar.java.last", atMost(15_000)),
          entry("frozen.sidecar.java.5nodes.last", atMost(15_000)));

  private Bench() {}

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
    measure(suites, place, postgres, figures, sizes);
    figures.print(synchronousCommit);
  }

  private static Set<String> suites(String[] named, boolean full) {
    Set<String> suites = Set.copyOf(named.length > 0 ? List.of(named) : full ? ALL : USUAL);
    if (!ALL.containsAll(suites)) {
      System.err.println(
          "bench: expected some of " + ALL + ", or jmh alone, but got: " + List.of(named));
      System.exit(2);
    }
    return suites;
  }

  private static void measure(
      Set<String> suites, Place place, Postgres postgres, Figures figures, Sizes sizes) {
    for (int run = 1; run <= sizes.runs(); run++) {
      if (suites.contains("engine")) {
        say(run, "engine");
        new EngineSuite(place, postgres, figures, sizes).run();
      }
      for (Language language : Language.values()) {
        if (suites.contains(language == Language.JAVA ? "java" : "node")) {
          say(run, language == Language.JAVA ? "java" : "node");
          new SdkBench(place, postgres, figures, sizes, language).run();
        }
      }
      if (suites.contains("takeover")) {
        say(run, "takeover");
        for (Language language : sizes.takeovers().languages()) {
          for (int nodes : sizes.takeovers().nodes()) {
            new Takeover(place, postgres, figures, language, nodes).killed();
          }
        }
      }
    }
    once(suites, place, postgres, figures, sizes);
  }

  private static void once(
      Set<String> suites, Place place, Postgres postgres, Figures figures, Sizes sizes) {
    if (suites.contains("load")) {
      for (Language language : Language.values()) {
        say(1, "load, " + language);
        new UnderLoad(place, postgres, figures, sizes, language).run();
      }
    }
    if (suites.contains("scaling")) {
      say(1, "scaling");
      new Scaling(place, postgres, figures, sizes).run();
    }
    if (suites.contains("decay")) {
      say(1, "decay");
      new Decay(place, postgres, figures, sizes).run();
    }
    if (suites.contains("footprint")) {
      say(1, "footprint");
      new Footprint(place, postgres, figures, sizes).run();
    }
    if (suites.contains("takeover") && sizes.takeovers().slow()) {
      say(1, "takeover of what stands still, crash of PostgreSQL");
      for (int nodes : sizes.takeovers().nodes()) {
        Takeover takeover = new Takeover(place, postgres, figures, Language.JAVA, nodes);
        takeover.frozen();
        takeover.restarted();
      }
    }
  }

  private static void say(int run, String suite) {
    System.out.println("  run " + run + ": " + suite);
  }

  private static void describe(Postgres postgres, Place place, Sizes sizes) throws Exception {
    System.out.printf(
        "%s, %d cores, %s, load %s%n",
        ZonedDateTime.now(java.time.ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm zzz", java.util.Locale.ROOT)),
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
