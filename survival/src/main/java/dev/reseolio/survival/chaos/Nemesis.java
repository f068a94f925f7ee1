package dev.reseolio.survival.chaos;

import dev.reseolio.checker.Recorder;
import dev.reseolio.survival.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Lets faults happen, one after the other, in an order that the seed decides: all kinds are
/// shuffled, and when each has had its turn, shuffled again.
final class Nemesis {
  private static final Duration RECOVERY = Duration.ofSeconds(45);
  private static final Duration CALM = Duration.ofMillis(500);

  private final Cluster cluster;
  private final Recorder recorder;
  private final Map<String, Fault> kinds = new TreeMap<>();
  private final SplittableRandom random;
  private final List<String> deck = new ArrayList<>();
  private final Map<String, Integer> landed = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private int count;

  Nemesis(Cluster cluster, Settings settings, Recorder recorder) {
    this.cluster = cluster;
    this.recorder = recorder;
    this.random = new SplittableRandom(settings.seed());
    kinds.putAll(ProcessFaults.ALL);
    kinds.putAll(NetworkFaults.ALL);
    kinds.putAll(DatabaseFaults.ALL);
    if (settings.standby()) {
      kinds.putAll(DatabaseFaults.WITH_STANDBY);
    }
    if (settings.disk() > 0) {
      kinds.putAll(DatabaseFaults.WITH_DISK);
    }
    if (!settings.faults().isEmpty()) {
      for (String wanted : settings.faults()) {
        if (!kinds.containsKey(wanted)) {
          throw new IllegalArgumentException(
              "no fault " + wanted + "; there are " + kinds.keySet());
        }
      }
      kinds.keySet().retainAll(settings.faults());
    }
  }

  void strike(Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - until < 0 && problems.isEmpty()) {
      awaitWork();
      one(next());
    }
  }

  /// How many of each kind landed.
  Map<String, Integer> landed() {
    return landed;
  }

  /// What kept the run from going on.
  List<String> problems() {
    return problems;
  }

  private String next() {
    if (deck.isEmpty()) {
      deck.addAll(kinds.keySet());
      Collections.shuffle(deck, new Random(random.nextLong()));
    }
    return deck.removeLast();
  }

  /// A fault proves something only while there is work. That there is some again after the last one
  /// is itself a promise.
  private void awaitWork() {
    long begun = System.nanoTime();
    try {
      Await.until("work goes on", RECOVERY, cluster::atWork);
      Await.during(CALM, () -> {});
      Await.until("work goes on", RECOVERY, cluster::atWork);
    } catch (AssertionError stuck) {
      problems.add(
          "no work "
              + Duration.ofNanos(System.nanoTime() - begun).toSeconds()
              + " s after the last fault");
    }
  }

  private void one(String kind) throws InterruptedException {
    var act = new Act(recorder, "f" + ++count, kind);
    try {
      Objects.requireNonNull(kinds.get(kind)).happen(cluster, act, random.split());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | AssertionError failed) {
      problems.add(act + ": " + failed);
    }
    act.healed();
    if (act.hasLanded()) {
      landed.merge(kind, 1, Integer::sum);
    }
    System.out.printf("chaos: %s%s%n", act, act.hasLanded() ? "" : " DID NOT LAND");
  }

  /// The faults that never landed.
  List<String> missing() {
    return kinds.keySet().stream().filter(k -> !landed.containsKey(k)).toList();
  }
}
