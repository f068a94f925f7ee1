package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers that die, freeze, or are killed by their own jobs.
@Timeout(60)
class WorkerLossIT {
  private static final Duration SOON = Scene.SOON;

  @Test
  void aKilledWorkersJobsRunAgainOnTheOther() throws Exception {
    try (var scene = new Scene("1-worker-killed")) {
      Node node = scene.nodes(1).getFirst();
      var workers = scene.workers(node, node);
      var client = scene.client(node);
      var load = scene.load(200, client);
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(client, workers.get(0), 3, "slow");
      Instant fault = Instant.now();
      workers.get(0).signal("KILL");
      Instant again = scene.awaitRestart(affected, fault, SOON);
      scene.measured("killed to running again", fault, again, Duration.ofMillis(200));
      scene.releaseAll();
      load.close();
      scene.check(0);
      assertEquals(
          affected.size(),
          scene.longs(
              "SELECT count(*) FROM reseolio.done WHERE id = ANY(?::uuid[]) AND failures = 0 AND crashes = 1",
              (Object) affected.toArray(String[]::new)),
          "charged to the crash budget only");
      assertEquals(
          List.of("4"),
          scene.texts("SELECT DISTINCT outcome::text FROM reseolio.attempt"),
          "nothing but lost workers");
    }
  }

  @Test
  void aFrozenWorkersJobsRunElsewhereAndItsOutcomeIsRefused() throws Exception {
    try (var scene = new Scene("5-worker-frozen")) {
      Node node = scene.nodes(1, "--beat-interval", "1s").getFirst();
      var workers = scene.workers(node, node);
      var client = scene.client(node);
      var load = scene.load(200, client);
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(client, workers.get(0), 3, "slow");
      Instant fault = Instant.now();
      workers.get(0).signal("STOP");
      Instant again = scene.awaitRestart(affected, fault, SOON);
      scene.measured("frozen to running again", fault, again, Duration.ofSeconds(8));
      scene.releaseAll();
      String[] ids = affected.toArray(String[]::new);
      Await.until(
          "the others finish them",
          SOON,
          () ->
              scene.longs(
                      "SELECT count(*) FROM reseolio.done WHERE id = ANY(?::uuid[])", (Object) ids)
                  == ids.length);
      Instant awake = Instant.now();
      workers.get(0).signal("CONT");
      Await.until(
          "the worker works on",
          SOON,
          () ->
              scene.longs(
                      "SELECT count(*) FROM effect WHERE worker = 'w0' AND kind = 'start' AND at > ?::timestamptz",
                      awake.plusMillis(1).toString())
                  > 10);
      load.close();
      scene.check(0);
      assertEquals(
          ids.length,
          scene.longs(
              "SELECT count(*) FROM reseolio.done d JOIN effect e ON e.job = d.id AND e.attempt = d.attempt AND e.kind = 'end' WHERE d.id = ANY(?::uuid[]) AND e.worker = 'w1'",
              (Object) ids),
          "the outcome of the second attempt counts");
    }
  }

  @Test
  void aJobThatKillsItsWorkerIsDeadAfterTheBudget() throws Exception {
    try (var scene = new Scene("8-poison")) {
      Node node = scene.nodes(1, "--crash-budget", "2").getFirst();
      var client = scene.client(node);
      Worker steady = scene.workers(node).getFirst();
      List<Worker> victims = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        victims.add(scene.worker("victim" + i, node, 2, "survival:poison:run"));
      }
      for (Worker one : victims) {
        one.awaitReady();
      }
      List<String> neighbours = scene.longJobs(client, steady, 3, "slow");
      var load = scene.load(100, client);
      var poison = scene.calls().call(client, "survival:poison:run", "poison").join();
      Await.until(
          "the job is dead",
          SOON,
          () ->
              scene.longs(
                      "SELECT count(*) FROM reseolio.done WHERE id = ?::uuid AND status = 6",
                      poison.id())
                  == 1);
      assertEquals(1, victims.stream().filter(Worker::alive).count(), "budget + 1 workers killed");
      scene.calls().call(client, "survival:poison:run", "quick").join().result(SOON);
      scene.releaseAll();
      load.close();
      scene.check(1);
      assertEquals(
          3,
          scene.longs(
              "SELECT count(*) FROM effect WHERE job = ?::uuid AND kind = 'start'", poison.id()),
          "budget + 1 executions");
      assertEquals(
          2,
          scene.longs(
              "SELECT count(*) FROM reseolio.attempt WHERE job = ?::uuid AND outcome = 4 AND failures = 0",
              poison.id()),
          "history");
      assertTrue(poison.details().attempts().size() >= 2, "history as the client sees it");
      assertEquals(
          0,
          scene.longs(
              "SELECT count(*) FROM reseolio.done WHERE id = ANY(?::uuid[]) AND (attempt > 1 OR crashes > 0)",
              (Object) neighbours.toArray(String[]::new)),
          "neighbours harmed");
      assertTrue(steady.alive());
    }
  }
}
