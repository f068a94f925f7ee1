package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.JobHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sidecars that die, freeze, or stop as asked, with another one on the same database.
@Timeout(60)
class SidecarLossIT {
  private static final Duration SOON = Scene.SOON;

  @Test
  void aKilledSidecarsJobsRunOnTheOther() throws Exception {
    killed("2-sidecar-killed", false);
  }

  @Test
  void aSidecarKilledWithItsWorkerIsTakenOver() throws Exception {
    killed("3-both-killed", true);
  }

  private static void killed(String name, boolean withWorker) throws Exception {
    try (var scene = new Scene(name)) {
      var nodes = scene.nodes(2);
      var workers = scene.workers(nodes.get(0), nodes.get(1));
      var doomed = scene.client(nodes.get(0));
      var client = scene.client(nodes.get(1));
      var load = scene.load(60, doomed, client);
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(doomed, workers.get(0), 4, "slow");
      var results =
          affected.stream()
              .map(client::handle)
              .map(JobHandle::resultAsync)
              .toArray(CompletableFuture<?>[]::new);
      Instant fault = Instant.now();
      if (withWorker) {
        workers.get(0).signal("KILL");
      }
      nodes.get(0).signal("KILL");
      Instant again = scene.awaitRestart(affected, fault, SOON);
      load.close();
      scene.measured("killed to running again", fault, again, Duration.ofSeconds(2));
      if (!withWorker) {
        Instant told = awaitTold(scene, affected);
        scene.measured("killed to old handlers told", fault, told, Duration.ofSeconds(10));
      }
      scene.releaseAll();
      CompletableFuture.allOf(results).get(SOON.toSeconds(), TimeUnit.SECONDS);
      doomed.close();
      scene.check(0);
      assertEquals(1, scene.takeovers());
    }
  }

  private static Instant awaitTold(Scene scene, List<String> jobs) throws Exception {
    String[] ids = jobs.toArray(String[]::new);
    Await.until(
        "the handlers of the old worker are told",
        SOON,
        () ->
            scene.longs(
                    "SELECT count(*) FROM effect WHERE kind = 'told' AND worker = 'w0' AND job = ANY(?::uuid[])",
                    (Object) ids)
                == ids.length);
    return scene.instant(
        "SELECT max(at) FROM effect WHERE kind = 'told' AND worker = 'w0' AND job = ANY(?::uuid[])",
        (Object) ids);
  }

  @Test
  void aFrozenSidecarIsFencedAndComesBackAsANewNode() throws Exception {
    try (var scene = new Scene("4-sidecar-frozen")) {
      var nodes = scene.nodes(2, "--dead-after", "6s", "--beat-interval", "1s");
      Node frozen = nodes.get(0);
      var workers = scene.workers(frozen, nodes.get(1));
      var first = scene.client(frozen);
      var load = scene.load(60, first, scene.client(nodes.get(1)));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(first, workers.get(0), 4, "stubborn");
      frozen.signal("STOP");
      Await.during(Duration.ofSeconds(2), () -> {});
      frozen.signal("CONT");
      Instant back = Instant.now();
      awaitStarts(scene, "w0", back);
      assertEquals(0, scene.takeovers(), "a short stop is no death");
      Instant fault = Instant.now();
      frozen.signal("STOP");
      Instant again = scene.awaitRestart(affected, fault, SOON);
      scene.measured("frozen to running again", fault, again, Duration.ofSeconds(10));
      Instant awake = Instant.now();
      frozen.signal("CONT");
      scene.releaseAll();
      awaitStarts(scene, "w0", awake);
      load.close();
      scene.check(0);
      assertEquals(1, scene.takeovers());
      assertEquals(
          1,
          scene.longs(
              "SELECT count(*) FROM reseolio.node WHERE state = 1 AND name = (SELECT name FROM reseolio.node WHERE id = ?)",
              frozen.id()),
          "a new incarnation of the frozen node");
      assertEquals(
          0,
          scene.longs(
              "SELECT count(*) FROM reseolio.done WHERE owner = ? AND finished_at > ?::timestamptz",
              frozen.id(),
              awake.toString()),
          "writes of the fenced incarnation accepted");
      assertEquals(
          affected.size(),
          scene.longs(
              "SELECT count(*) FROM reseolio.done WHERE id = ANY(?::uuid[]) AND owner = ?",
              affected.toArray(String[]::new),
              nodes.get(1).id()),
          "the outcomes are those of the node that took over");
      scene.told("refused outcomes", frozen.metric("reseolio_stale_writes_refused_total"));
    }
  }

  private static void awaitStarts(Scene scene, String worker, Instant since) {
    Await.until(
        worker + " gets new work",
        SOON,
        () ->
            scene.longs(
                    "SELECT count(*) FROM effect WHERE worker = ? AND kind = 'end' AND mode = 'quick' AND at > ?::timestamptz",
                    worker,
                    since.plusMillis(100).toString())
                > 10);
  }

  @Test
  void aStoppedSidecarHandsItsWorkOver() throws Exception {
    try (var scene = new Scene("10-sigterm")) {
      var nodes = scene.nodes(2, "--drain-grace", "2s");
      var workers = scene.workers(nodes.get(0), nodes.get(1));
      var first = scene.client(nodes.get(0), Duration.ofSeconds(5));
      var load = scene.load(60, first, scene.client(nodes.get(1)));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> affected = scene.longJobs(first, workers.get(0), 3, "slow");
      Instant fault = Instant.now();
      nodes.get(0).signal("TERM");
      Instant again = scene.awaitRestart(affected, fault, SOON);
      scene.measured(
          "SIGTERM to running elsewhere (grace 2 s)", fault, again, Duration.ofSeconds(8));
      Instant told = awaitTold(scene, affected);
      scene.measured("SIGTERM to old handlers told", fault, told, Duration.ofSeconds(8));
      assertEquals(0, nodes.get(0).exitCode());
      scene.measured("SIGTERM to exit", fault, Instant.now(), Duration.ofSeconds(12));
      load.close();
      scene.releaseAll();
      scene.check(0);
      assertEquals(0, scene.takeovers(), "it signed off by itself");
      assertEquals(
          0,
          scene.longs("SELECT count(*) FROM reseolio.done WHERE failures + crashes > 0"),
          "attempts charged");
    }
  }

  @Test
  void twoApplicationsShareTheWork() throws Exception {
    try (var scene = new Scene("11-two-applications")) {
      var nodes = scene.nodes(2);
      Worker a = scene.worker("a", nodes.get(0), 4, "shop:order:place", Scene.FUNCTION);
      Worker b = scene.worker("b", nodes.get(1), 4, "mail:letter:send", Scene.FUNCTION);
      a.awaitReady();
      b.awaitReady();
      var client = scene.client(nodes.get(0));
      var load = scene.load(1000, client);
      scene.awaitFlow(a, b);
      load.close();
      Await.until(
          "the load is done",
          SOON,
          () ->
              scene.calls().open() == 0
                  && scene.longs("SELECT count(*) FROM reseolio.job")
                      == scene.longs("SELECT count(*) FROM reseolio.done"));
      for (int i = 0; i < 5; i++) {
        Instant called = Instant.now();
        var letter = scene.calls().call(client, "mail:letter:send", "quick").join();
        assertEquals("b", letter.result(SOON));
        scene.measured("call on one node, result from the other", called, Instant.now(), SOON);
      }
      assertEquals(
          "a", scene.calls().call(client, "shop:order:place", "quick").join().result(SOON));
      scene.check(0);
      scene.told(
          "shared function ran on",
          scene.texts(
              "SELECT worker || ': ' || count(*) FROM effect WHERE kind = 'end' GROUP BY worker ORDER BY 1"));
      assertTrue(a.alive() && b.alive());
    }
  }
}
