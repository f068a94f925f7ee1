package dev.reseolio.survival.chaos;

import dev.reseolio.checker.Recorder;
import dev.reseolio.survival.Await;
import dev.reseolio.survival.Databases.Standby;
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

  /// Between two looks: each asks every sidecar for its metrics.
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Map<String, Fault> kinds = new TreeMap<>();
  private final SplittableRandom random;
  private final List<String> deck = new ArrayList<>();
  private final Map<String, Integer> landed = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<String, String> notCovered = new TreeMap<>();
  private final boolean named;
  private int count;

  /// @throws IllegalArgumentException a fault is asked for that there is not
  Nemesis(Settings settings) {
    this.random = new SplittableRandom(settings.seed());
    this.named = !settings.faults().isEmpty();
    offer(ProcessFaults.ALL, "");
    offer(NetworkFaults.ALL, "");
    offer(DatabaseFaults.ALL, "");
    offer(HandlerFaults.ALL, "");
    offer(FailoverFaults.ALL, settings.standby() == Standby.SYNC ? "" : "needs standby=sync");
    offer(
        DatabaseFaults.WITH_DISK,
        settings.disk() > 0 ? "" : "needs disk=<megabytes>, root and standby=none");
    offer(
        NetworkFaults.WITH_CABLE,
        settings.cable() ? "" : "needs cable=pulled: root, unshare and ip");
    for (String wanted : settings.faults()) {
      if (!kinds.containsKey(wanted)) {
        throw Settings.wrong(
            notCovered.containsKey(wanted)
                ? wanted + " " + notCovered.get(wanted)
                : "expected faults of " + kinds.keySet() + ", but came: " + wanted);
      }
    }
    if (named) {
      kinds.keySet().retainAll(settings.faults());
      notCovered.clear();
    }
  }

  /// @param lacking what this run has not; empty: nothing
  private void offer(Map<String, Fault> some, String lacking) {
    if (lacking.isEmpty()) {
      kinds.putAll(some);
    } else {
      some.keySet().forEach(kind -> notCovered.put(kind, lacking));
    }
  }

  void strike(Cluster cluster, Recorder recorder, Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    while (problems.isEmpty() && (System.nanoTime() - until < 0 || owed())) {
      awaitWork(cluster);
      one(cluster, recorder, next());
    }
  }

  /// Who asks for kinds by name gets each of them.
  private boolean owed() {
    return named && count < kinds.size();
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
  private void awaitWork(Cluster cluster) {
    long begun = System.nanoTime();
    try {
      awaitAtWork(cluster);
      Await.during(CALM, () -> {});
      awaitAtWork(cluster);
    } catch (AssertionError stuck) {
      problems.add(
          "no work "
              + Duration.ofNanos(System.nanoTime() - begun).toSeconds()
              + " s after the last fault");
    }
  }

  private static void awaitAtWork(Cluster cluster) {
    Await.value("work goes on", RECOVERY, LOOK, cluster::atWork, Boolean::booleanValue);
  }

  private void one(Cluster cluster, Recorder recorder, String kind) throws InterruptedException {
    long begun = System.nanoTime();
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
    System.out.printf(
        "chaos: %s%s, %d ms%n",
        act, act.hasLanded() ? "" : " DID NOT LAND", (System.nanoTime() - begun) / 1_000_000);
  }

  /// The kinds that never landed though they were asked for by name.
  List<String> missing() {
    return named ? kinds.keySet().stream().filter(k -> !landed.containsKey(k)).toList() : List.of();
  }

  /// Of the kinds that never landed: why.
  Map<String, String> notCovered() {
    var all = new TreeMap<>(notCovered);
    kinds.keySet().stream()
        .filter(kind -> !landed.containsKey(kind))
        .forEach(kind -> all.put(kind, "it never landed"));
    return all;
  }
}
