package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sidecars behind PgBouncer in transaction mode, with five sessions for both.
@Timeout(90)
class PoolerIT {
  private static final int SESSIONS = 5;

  @Test
  void aPoolerThatDiesUnderLoadLosesNothingAndRepeatsNothing() throws Exception {
    try (var scene = new Scene("18-pooler-killed");
        var pooler = new Pooler(scene.database(), SESSIONS)) {
      Node a = scene.node(pooler.url(), "node0");
      Node b = scene.node(pooler.url(), "node1");
      var workers = scene.workers(a, b);
      var first = scene.client(a);
      var load = scene.load(60, first, scene.client(b));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> running = scene.longJobs(first, workers.get(0), 3, "slow");
      for (int i = 0; i < 2; i++) {
        pooler.kill();
        pooler.restart();
        Instant up = Instant.now();
        Await.until(
            "jobs end again",
            Scene.SOON,
            () ->
                scene.longs(
                        "SELECT count(*) FROM reseolio.done WHERE finished_at > ?::timestamptz",
                        up.toString())
                    >= 30);
      }
      scene.releaseAll();
      load.close();
      scene.check(0);
      assertEquals(0, scene.takeovers(), "nobody had died");
      assertEquals(
          0,
          scene.longs("SELECT count(*) FROM reseolio.done WHERE attempt > 1"),
          "executions that ran twice, of " + running.size() + " long ones and the load");
      String log = Files.readString(Database.logs().resolve("18-pooler-killed-node0.log"));
      assertEquals(2, log.split("heartbeat-only mode", -1).length, "announced once");
    }
  }

  @Test
  void aFrozenAndAKilledSidecarAreFoundByTheirBeat() throws Exception {
    try (var scene = new Scene("18-pooled-sidecar-lost");
        var pooler = new Pooler(scene.database(), SESSIONS)) {
      String[] options = {"--dead-after", "6s", "--beat-interval", "1s"};
      Node lost = scene.node(pooler.url(), "node0", options);
      Node other = scene.node(scene.database().url(), "node1", options);
      var workers = scene.workers(lost, other);
      var doomed = scene.client(lost);
      var load = scene.load(60, doomed, scene.client(other));
      scene.awaitFlow(workers.get(0), workers.get(1));
      List<String> held = scene.longJobs(doomed, workers.get(0), 2, "stubborn");
      Instant frozen = Instant.now();
      lost.signal("STOP");
      Instant again = scene.awaitRestart(held, frozen, Scene.SOON);
      scene.measured("frozen to running again", frozen, again, Duration.ofSeconds(10));
      lost.signal("CONT");
      scene.releaseAll();
      Await.until(
          "it is another node now",
          Scene.SOON,
          () -> scene.longs("SELECT count(*) FROM reseolio.node WHERE state = 1") == 2);
      List<String> more = scene.longJobs(doomed, workers.get(0), 2, "slow");
      Instant killed = Instant.now();
      lost.signal("KILL");
      Instant elsewhere = scene.awaitRestart(more, killed, Scene.SOON);
      scene.measured("killed to running again", killed, elsewhere, Duration.ofSeconds(10));
      scene.releaseAll();
      load.close();
      doomed.close();
      scene.check(0);
      assertEquals(2, scene.takeovers());
      assertTrue(workers.get(1).alive());
    }
  }
}
