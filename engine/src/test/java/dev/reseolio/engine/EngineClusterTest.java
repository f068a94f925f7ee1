package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.CONFIG;
import static dev.reseolio.engine.EngineFixture.PATIENCE;
import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.get;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.postgres.Cable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several engines on one schema, killed nodes, a database that goes away.
@Timeout(120)
class EngineClusterTest {
  private static void meet(Engine a, Engine b) {
    await("they see each other", () -> a.gauges().peers() == 1 && b.gauges().peers() == 1);
  }

  @Test
  void aJobEnqueuedHereRunsThereAndItsResultIsHereWithinASecond() throws Exception {
    try (EngineFixture fixture = new EngineFixture()) {
      Engine a = fixture.start();
      Engine b = fixture.start();
      FakeWorker worker = FakeWorker.answering(b, 4, run -> succeeded("there"), "f");
      meet(a, b);
      long slowest = 0;
      for (int i = 0; i < 10; i++) {
        long start = System.nanoTime();
        UUID id = enqueue(a, job("f"));
        JobEnd end = a.result(id).get(5, TimeUnit.SECONDS);
        assertEquals(JobStatus.SUCCEEDED, end.status());
        slowest = Math.max(slowest, System.nanoTime() - start);
      }
      assertTrue(slowest < 1_000_000_000L, "took " + Duration.ofNanos(slowest));
      assertEquals(10, worker.runs.size());
    }
  }

  /// What this node knows of lanes that nobody here offers is dropped by the very commit that hands
  /// the job back.
  @Test
  void othersAreToldOfAJobThatIsHandedBackWhereVeryManyLanesWait() throws Exception {
    try (EngineFixture fixture = new EngineFixture()) {
      Engine a = fixture.start();
      FakeWorker worker = FakeWorker.patient(a, 1, "f");
      UUID id = enqueue(a, job("f"));
      int lane = worker.next().job().laneId();
      List<CompletableFuture<Enqueued>> crowd = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        crowd.add(a.enqueue(job("nobody" + i), PATIENCE));
      }
      for (CompletableFuture<Enqueued> one : crowd) {
        get(one);
      }
      Nodes other = fixture.closing(fixture.closing(fixture.db.open()).nodes());
      other.join("other", "1");
      await("it is seen", () -> a.gauges().peers() == 1);
      try (AutoCloseable blocked = fixture.block(a)) {
        crowd.add(a.enqueue(job("nobody0"), PATIENCE));
        await("a flush waits", fixture::flushWaits);
        worker.attached().closed();
        crowd.add(a.enqueue(job("nobody1"), PATIENCE));
        assertNotNull(blocked);
      }
      await("it is handed back", () -> a.find(id).status() == JobStatus.PENDING);
      assertTrue(heard(other, lane), "nothing was said of lane " + lane);
    }
  }

  private static boolean heard(Nodes node, int lane) {
    for (int i = 0; i < 20; i++) {
      for (Nodes.Ring ring : node.awaitRings(Duration.ofMillis(100))) {
        if (ring instanceof Nodes.Ring.Ready ready && ready.laneIds().contains(lane)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void aJobIsCancelledFromAnotherNode() throws Exception {
    try (EngineFixture fixture = new EngineFixture()) {
      Engine a = fixture.start();
      Engine b = fixture.start();
      FakeWorker worker = FakeWorker.patient(b, 1, "f");
      meet(a, b);
      UUID id = enqueue(b, job("f"));
      Assignment run = worker.next();
      assertTrue(a.cancel(id).accepted());
      FakeWorker.next(worker.stops);
      worker.report(run, failed("stopped"));
      assertEquals(JobStatus.CANCELLED, result(a, id).status());
    }
  }

  @Test
  void theJobsOfAKilledNodeRunElsewhereAndItComesBackAsAnother() throws Exception {
    try (EngineFixture fixture = new EngineFixture()) {
      Cable cable = fixture.closing(new Cable(fixture.db.url()));
      Engine a = fixture.start(CONFIG, cable.url());
      Engine b = fixture.start();
      meet(a, b);
      FakeWorker old = FakeWorker.patient(a, 3, "f", "g");
      UUID claimed = fixture.db.enqueue("f", "{}");
      Assignment explicit = old.next();
      UUID born = enqueue(a, job("f"));
      Assignment implicit = old.next();
      assertEquals(List.of(claimed, born), List.of(explicit.lease().job(), implicit.lease().job()));
      FakeWorker fresh = FakeWorker.answering(b, 3, run -> succeeded("b"), "f");
      int was = a.node();

      cable.cut();
      old.report(explicit, succeeded("stale"));
      Set<UUID> again = new HashSet<>();
      for (int i = 0; i < 2; i++) {
        Assignment run = fresh.next();
        assertEquals(new Progress(2, 0, 1), run.job().progress());
        again.add(run.lease().job());
      }
      assertEquals(Set.of(claimed, born), again);
      assertEquals(JobStatus.SUCCEEDED, result(b, claimed).status());
      assertEquals(1, b.gauges().takeovers());
      CompletableFuture<Enqueued> meanwhile = a.enqueue(job("g"), PATIENCE);

      cable.mend();
      Set<LeaseKey> lost = new HashSet<>();
      lost.add(FakeWorker.next(old.lost));
      lost.add(FakeWorker.next(old.lost));
      assertEquals(Set.of(explicit.lease(), implicit.lease()), lost);
      UUID survivor = get(meanwhile).id();
      assertNotEquals(was, a.node());
      Assignment run = old.next();
      assertEquals(survivor, run.lease().job());
      old.report(implicit, succeeded("staler"));
      old.report(run, succeeded("a"));
      assertEquals(JobStatus.SUCCEEDED, result(b, survivor).status());
      for (UUID id : again) {
        assertEquals(
            "b", new String(payload(result(a, id)), java.nio.charset.StandardCharsets.UTF_8));
      }
      await("every slot is free", () -> a.gauges().running() == 0);
      for (int i = 0; i < 3; i++) {
        enqueue(a, job("g"));
        old.next();
      }
    }
  }

  private static byte[] payload(JobEnd end) {
    return Objects.requireNonNull(end.result()).data();
  }

  @Test
  void aNodeThatLosesTheDatabaseForAMomentKeepsItsJobs() throws Exception {
    try (EngineFixture fixture = new EngineFixture()) {
      Cable cable = fixture.closing(new Cable(fixture.db.url()));
      Engine a = fixture.start(CONFIG, cable.url());
      FakeWorker worker = FakeWorker.patient(a, 2, "f");
      UUID id = enqueue(a, job("f"));
      Assignment run = worker.next();
      int was = a.node();
      cable.cut();
      CompletableFuture<Enqueued> during = a.enqueue(job("f"), PATIENCE);
      worker.report(run, succeeded("1"));
      await("the engine has noticed", () -> !a.ready());
      cable.mend();
      assertEquals(JobStatus.SUCCEEDED, result(a, id).status());
      assertEquals(get(during).id(), worker.next().lease().job());
      assertEquals(was, a.node());
      await("it is healthy", a::ready);
    }
  }

  @Test
  void nodesAreNotTakenForDeadAfterAnOutageOfTheDatabase() throws Exception {
    EngineConfig jumpy =
        new EngineConfig(
            "jumpy",
            "1",
            2,
            Duration.ofDays(7),
            CONFIG.limits(),
            new EngineConfig.Timing(
                Duration.ofMillis(1500),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                PATIENCE));
    try (EngineFixture fixture = new EngineFixture()) {
      Cable cable = fixture.closing(new Cable(fixture.db.url()));
      Engine a = fixture.start(jumpy, cable.url());
      Engine b = fixture.start(jumpy, cable.url());
      meet(a, b);
      fixture.db.await("SELECT min(beat) FROM node_beat", beat -> Integer.parseInt(beat) > 1);
      cable.cut();
      long start = System.nanoTime();
      await("longer than a node may be silent", () -> System.nanoTime() - start > 2_000_000_000L);
      int beat = fixture.db.number("SELECT max(beat) FROM node_beat");
      cable.mend();
      fixture.db.await("SELECT min(beat) FROM node_beat", now -> Integer.parseInt(now) > beat + 5);
      assertEquals(2, fixture.db.number("SELECT count(*) FROM node WHERE state = 1"));
      assertEquals(0, a.gauges().takeovers() + b.gauges().takeovers());
    }
  }
}
