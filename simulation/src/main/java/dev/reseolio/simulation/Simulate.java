package dev.reseolio.simulation;

import dev.reseolio.checker.Line;
import dev.reseolio.simulation.world.Run;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `make simulate`: seeds until the time is over or one of them fails. Options are system
/// properties: `seed` runs that one only, `seconds` (20) says how long, `from` where chance begins.
public final class Simulate {
  private static final Pattern JOB = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private Simulate() {}

  public static void main(String[] args) {
    String seed = System.getProperty("seed", "");
    boolean held =
        seed.isEmpty()
            ? many(Long.getLong("from", System.nanoTime()), Integer.getInteger("seconds", 20))
            : one(Long.parseLong(seed));
    System.exit(held ? 0 : 1);
  }

  private static boolean one(long seed) {
    Run run = Run.of(seed);
    print(run);
    return run.broken().isEmpty();
  }

  private static boolean many(long from, int seconds) {
    Campaign campaign = new Campaign(new SplittableRandom(from));
    Optional<Run> failed = campaign.run(Duration.ofSeconds(seconds));
    System.out.println(campaign);
    failed.ifPresent(run -> {
      print(run);
      System.out.println("replay: make simulate SEED=" + run.seed());
    });
    return failed.isEmpty();
  }

  /// The whole story of the first job that something is wrong with.
  private static void witness(Run run) {
    run.broken().stream()
        .map(JOB::matcher)
        .filter(Matcher::find)
        .findFirst()
        .ifPresent(job ->
            run.events().stream()
                .map(Line::of)
                .filter(line -> line.contains(job.group()))
                .forEach(System.out::println));
  }

  private static void print(Run run) {
    System.out.printf(
        "seed %d: %.1f simulated s, %d steps, %d jobs accepted, %d nodes fenced, history %s%n",
        run.seed(),
        run.nanos() / 1e9,
        run.steps(),
        run.accepted(),
        run.fenced(),
        run.fingerprint());
    System.out.println(run.shape());
    System.out.println(run.broken().isEmpty() ? "all invariants hold" : "BROKEN");
    run.broken().stream().limit(10).forEach(System.out::println);
    witness(run);
  }
}
