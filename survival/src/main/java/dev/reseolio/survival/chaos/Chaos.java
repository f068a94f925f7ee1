package dev.reseolio.survival.chaos;

import dev.reseolio.checker.Checker;
import dev.reseolio.checker.Gates;
import dev.reseolio.checker.History;
import dev.reseolio.checker.Invariant;
import dev.reseolio.checker.Recorder;
import dev.reseolio.checker.Report;
import dev.reseolio.checker.Takeovers;
import dev.reseolio.checker.Verdict;
import dev.reseolio.survival.Databases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A run: start everything, let faults happen, let it come to rest, and judge the history. Exit
/// code 0: all invariants held and every fault proved something. 1: one was broken. 3: the run
/// proves nothing.
public final class Chaos {
  private static final Duration REST = Duration.ofSeconds(90);
  private static final int INVALID = 3;

  /// What the SDK tells of lost connections is expected here.
  private static final Logger SDK = Logger.getLogger("dev.reseolio");

  private final Settings settings;

  private Chaos(Settings settings) {
    this.settings = settings;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(System.getProperty("reseolio.root", "."), "target", "chaos");
    try {
      System.exit(run(args, folder));
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
    }
  }

  /// @param args as [Settings#USAGE] says
  /// @return the exit code
  static int run(String[] args, Path folder) throws Exception {
    return new Chaos(Settings.parse(args, folder)).run();
  }

  private int run() throws Exception {
    SDK.setLevel(Level.SEVERE);
    var nemesis = new Nemesis(settings);
    clear(settings.folder());
    Files.createDirectories(settings.folder());
    System.out.println("chaos: " + settings.replay());
    boolean rested;
    long begun = System.nanoTime();
    try (var recorder = new Recorder(settings.folder().resolve("run.history"));
        var cluster = Cluster.start(settings, recorder)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> endAll(cluster)));
      nemesis.strike(cluster, recorder, Duration.ofSeconds(settings.seconds()));
      cluster.revive();
      rested = cluster.quiesce(REST);
      readDatabase(cluster.databases());
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    return tell(nemesis, judge(), rested, seconds);
  }

  /// Nothing is left when somebody stops the run.
  private static void endAll(Cluster cluster) {
    try {
      cluster.close();
    } catch (IOException e) {
      System.err.println("chaos: " + e);
    }
  }

  private static void clear(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
  }

  private void readDatabase(Databases databases) throws SQLException {
    try (var recorder = new Recorder(settings.folder().resolve("database.history"));
        Connection sql = databases.connect()) {
      Audit.read(sql, recorder::add);
    }
  }

  private Report judge() {
    try {
      var history = History.read(settings.folder(), History.Rules.STRICT);
      return Checker.check(
          history, new Gates(Duration.ofSeconds(2).toNanos(), settings.rate(), 20));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int tell(Nemesis nemesis, Report report, boolean rested, long seconds) {
    Verdict verdict = report.verdict();
    System.out.print(verdict);
    nemesis.landed().forEach((kind, n) -> System.out.printf("landed %4d  %s%n", n, kind));
    report.takeovers().forEach(Chaos::tell);
    report
        .recoveries()
        .forEach((kind, times) ->
            System.out.printf(
                "recovery %-28s n=%-4d p50 %d p99 %d ms%n",
                kind,
                times.size(),
                Report.percentile(times, 0.5) / 1_000_000,
                Report.percentile(times, 0.99) / 1_000_000));
    nemesis
        .notCovered()
        .forEach((kind, why) -> System.out.println("NOT COVERED: " + kind + ": " + why));
    List<String> invalid = new ArrayList<>(report.invalid());
    nemesis.missing().forEach(kind -> invalid.add(kind + " never landed"));
    if (nemesis.landed().isEmpty()) {
      invalid.add("no fault landed: make the run longer, 60 seconds or more");
    }
    for (Invariant one : Invariant.values()) {
      if (verdict.tested(one) == 0) {
        invalid.add("nothing put " + one + " to the test");
      }
    }
    invalid.forEach(why -> System.out.println("INVALID: " + why));
    nemesis.problems().forEach(why -> System.out.println("FAILED: " + why));
    if (report.lostByCopy() > 0) {
      System.out.println(
          "accepted and lost, as a failover to an asynchronous copy may: " + report.lostByCopy());
    }
    List<Takeovers.Time> kills = report.takeovers().getOrDefault("sidecar-killed", List.of());
    System.out.printf(
        "chaos: seed=%d seconds=%d faults=%d accepted=%d lost=%d duplicated=%d stale_accepted=%d double_leases=%d steps_redone=%d tx_mismatch=%d takeover_p99_ms=%d overlap_p99_ms=%d invalid=%d%n",
        settings.seed(),
        seconds,
        nemesis.landed().values().stream().mapToInt(Integer::intValue).sum(),
        report.accepted(),
        broken(verdict, Invariant.NO_LOSS, Invariant.NOTHING_STUCK),
        broken(verdict, Invariant.ONE_END, Invariant.ONE_JOB_PER_KEY, Invariant.ONE_EXECUTION),
        broken(verdict, Invariant.NO_STALE_WRITE),
        broken(verdict, Invariant.ONE_LEASE, Invariant.ONE_PLACE),
        broken(verdict, Invariant.ONE_VALUE_PER_STEP),
        broken(verdict, Invariant.SAME_TRANSACTION),
        millis(kills, Takeovers.Time::fence, 0.99),
        Report.percentile(report.overlaps(), 0.99) / 1_000_000,
        invalid.size());
    boolean holds = verdict.holds() && rested && nemesis.problems().isEmpty();
    if (!holds || !invalid.isEmpty()) {
      System.out.println(
          "chaos: again with: " + settings.replay() + "; its history is in " + settings.folder());
    }
    return !holds ? 1 : invalid.isEmpty() ? 0 : INVALID;
  }

  private static void tell(String kind, List<Takeovers.Time> times) {
    System.out.printf(
        "takeover %-28s n=%-4d fenced p50 %d p99 %d ms, first restart p50 %d p99 %d ms%n",
        kind,
        times.size(),
        millis(times, Takeovers.Time::fence, 0.5),
        millis(times, Takeovers.Time::fence, 0.99),
        millis(times, Takeovers.Time::restart, 0.5),
        millis(times, Takeovers.Time::restart, 0.99));
  }

  private static long millis(
      List<Takeovers.Time> times, ToLongFunction<Takeovers.Time> what, double share) {
    List<Long> nanos = times.stream().mapToLong(what).filter(n -> n >= 0).boxed().toList();
    return Report.percentile(nanos, share) / 1_000_000;
  }

  private static int broken(Verdict verdict, Invariant... some) {
    int sum = 0;
    for (Invariant one : some) {
      sum += verdict.broken(one).size();
    }
    return sum;
  }
}
