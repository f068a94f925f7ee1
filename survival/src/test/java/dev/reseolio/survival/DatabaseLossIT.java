package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A database that crashes, throws its sessions out, cannot be reached, or is away.
@Timeout(90)
class DatabaseLossIT {
  private static final Duration SOON = Scene.SOON;
  private static final String TERMINATE =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'reseolio%' AND datname = current_database()";

  @Test
  void aCrashOfTheDatabaseLosesNothingAndNobody() throws Exception {
    try (var scene = new Scene("6-database-crash")) {
      var nodes = scene.nodes(2);
      var workers = scene.workers(nodes.get(0), nodes.get(1));
      var first = scene.client(nodes.get(0));
      var load = scene.load(200, first, scene.client(nodes.get(1)));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> running = scene.longJobs(first, workers.get(0), 3, "slow");
      Instant fault = Instant.now();
      Database.kill();
      var accepts = CompletableFuture.supplyAsync(() -> firstAnswer(scene));
      Database.restart();
      Instant up = accepts.join();
      scene.measured("crash to accepting again", fault, up, SOON);
      for (Node node : nodes) {
        Instant commit =
            Await.value(
                    "node " + node.id() + " commits",
                    SOON,
                    () ->
                        scene.texts(
                            "SELECT finished_at::text FROM reseolio.done WHERE owner = ? AND finished_at > ?::timestamptz ORDER BY 1 LIMIT 1",
                            node.id(),
                            up.toString()),
                    found -> !found.isEmpty())
                .stream()
                .map(DatabaseLossIT::instant)
                .findFirst()
                .orElseThrow();
        scene.measured("accepting to first commit", up, commit, Duration.ofSeconds(2));
      }
      scene.releaseAll();
      load.close();
      scene.check(0);
      assertEquals(0, scene.takeovers(), "nobody had died");
      assertEquals(
          0,
          scene.longs(
              "SELECT count(*) FROM reseolio.done WHERE id = ANY(?::uuid[]) AND attempt > 1",
              (Object) running.toArray(String[]::new)),
          "running jobs run on");
    }
  }

  private static Instant instant(String timestamp) {
    return java.sql.Timestamp.valueOf(timestamp.replaceFirst("\\+00$", ""))
        .toLocalDateTime()
        .toInstant(ZoneOffset.UTC);
  }

  private static Instant firstAnswer(Scene scene) {
    return Await.value(
        "PostgreSQL accepts",
        Duration.ofSeconds(30),
        () -> tryConnect(scene),
        s -> s.isAfter(Instant.EPOCH));
  }

  private static Instant tryConnect(Scene scene) {
    try (var sql = scene.database().connect()) {
      return sql.isValid(1) ? Instant.now() : Instant.EPOCH;
    } catch (SQLException e) {
      return Instant.EPOCH;
    }
  }

  @Test
  void terminatedSessionsAreOpenedAgain() throws Exception {
    try (var scene = new Scene("7-sessions-terminated")) {
      var nodes = scene.nodes(2);
      var workers = scene.workers(nodes.get(0), nodes.get(1));
      var load = scene.load(400, scene.client(nodes.get(0)), scene.client(nodes.get(1)));
      scene.awaitFlow(workers.get(0), workers.get(1));
      long before = doneIn(scene, Duration.ofSeconds(4), () -> {});
      var terminated = new AtomicInteger();
      long[] next = {System.nanoTime()};
      long during =
          doneIn(
              scene,
              Duration.ofSeconds(10),
              () -> {
                if (System.nanoTime() - next[0] >= 0) {
                  next[0] += 500_000_000;
                  terminated.addAndGet((int) count(scene, TERMINATE));
                }
              });
      scene.told("terminated sessions", terminated.get());
      scene.told("jobs/s before", before / 4);
      scene.told("jobs/s during", during / 10);
      load.close();
      scene.check(0);
      assertEquals(0, scene.takeovers(), "nobody had died");
      if (before / 4 >= 200) { // Else the machine is too busy with other things to compare.
        assertTrue(during / 10.0 > before / 4.0 / 2, "half of the throughput at least");
      }
    }
  }

  private static long count(Scene scene, String query) {
    try {
      return scene.longs(query);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static long doneIn(Scene scene, Duration time, Runnable meanwhile) {
    long start = count(scene, "SELECT count(*) FROM reseolio.done");
    Await.during(time, meanwhile);
    return count(scene, "SELECT count(*) FROM reseolio.done") - start;
  }

  @Test
  void aNodeCutFromTheDatabaseIsTakenOverAndComesBack() throws Exception {
    try (var scene = new Scene("9-network-cut");
        var wire = Proxy.to(Database::port)) {
      Node cut = scene.node(scene.database().url(wire.port()), "cut", options(wire));
      Node other = scene.node(scene.database().url(), "other", options(wire));
      var workers = scene.workers(cut, other);
      var first = scene.client(cut, Duration.ofSeconds(5));
      var load = scene.load(60, first, scene.client(other));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(first, workers.get(0), 3, "slow");
      Instant fault = Instant.now();
      wire.cut();
      Instant again = scene.awaitRestart(affected, fault, Duration.ofSeconds(25));
      scene.told("cut by", wire);
      scene.measured("cut to running again", fault, again, Duration.ofSeconds(20));
      Instant healed = Instant.now();
      wire.heal();
      Await.until(
          "the cut node works on",
          Duration.ofSeconds(35),
          () ->
              scene.longs(
                      "SELECT count(*) FROM reseolio.done d JOIN reseolio.node n ON n.id = d.owner WHERE n.id NOT IN (?, ?) AND d.finished_at > ?::timestamptz",
                      cut.id(),
                      other.id(),
                      healed.toString())
                  > 0);
      scene.measured("healed to working on", healed, Instant.now(), Duration.ofSeconds(20));
      scene.releaseAll();
      load.close();
      scene.check(0);
      assertEquals(1, scene.takeovers());
    }
  }

  /// Without black holes a cut looks like a frozen node.
  private static String[] options(Proxy wire) {
    return wire.hasHoles()
        ? new String[] {}
        : new String[] {"--dead-after", "4s", "--beat-interval", "1s"};
  }

  @Test
  void aDatabaseThatIsAwayIsSaidSo() throws Exception {
    try (var scene = new Scene("12-database-away")) {
      Node node = scene.nodes(1).getFirst();
      var workers = scene.workers(node);
      var client = scene.client(node, Duration.ofSeconds(2));
      var load = scene.load(30, client);
      scene.awaitFlow(workers.get(0));
      assertEquals(200, node.readyz());
      Set<String> codes = ConcurrentHashMap.newKeySet();
      AtomicInteger answered = new AtomicInteger();
      Instant fault = Instant.now();
      Database.kill();
      try {
        Await.until("readyz says so", SOON, () -> node.readyz() == 503);
        scene.measured("away to not ready", fault, Instant.now(), Duration.ofSeconds(5));
        while (Instant.now().isBefore(fault.plusSeconds(20))) {
          Instant called = Instant.now();
          codes.add(
              Calls.code(
                  scene
                      .calls()
                      .call(client, Scene.FUNCTION, "quick")
                      .handle((job, e) -> e)
                      .join()));
          assertTrue(Duration.between(called, Instant.now()).toMillis() < 4000, "answered in time");
          answered.incrementAndGet();
          assertEquals(503, node.readyz());
        }
        assertTrue(node.alive());
      } finally {
        Database.restart();
      }
      Instant back = Instant.now();
      Await.until("ready again", SOON, () -> node.readyz() == 200);
      scene.measured("back to ready", back, Instant.now(), Duration.ofSeconds(4));
      assertEquals("w0", scene.calls().call(client, Scene.FUNCTION, "quick").join().result(SOON));
      load.close();
      scene.told("answers while away", answered + " " + codes);
      assertTrue(
          Set.of("storage_unavailable", "outcome_unknown").containsAll(codes), codes.toString());
      scene.check(0);
    }
  }
}
