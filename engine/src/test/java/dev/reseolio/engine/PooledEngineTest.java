package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.CONFIG;
import static dev.reseolio.engine.EngineFixture.PATIENCE;
import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.enqueued;
import static dev.reseolio.engine.EngineFixture.get;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.policy;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.postgres.Cable;
import dev.reseolio.engine.store.postgres.PgBouncer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Engines behind a real PgBouncer in transaction mode, with few sessions for all of them.
@Timeout(60)
class PooledEngineTest {
  private static final int SESSIONS = 5;

  private final EngineFixture fixture = new EngineFixture();
  private final PgBouncer pooler;
  private final EngineConfig jumpy =
      new EngineConfig(
          "jumpy",
          "1",
          2,
          Duration.ofDays(7),
          CONFIG.limits(),
          new EngineConfig.Timing(
              Duration.ofSeconds(3),
              Duration.ofSeconds(30),
              Duration.ofSeconds(5),
              Duration.ofSeconds(1),
              PATIENCE));

  PooledEngineTest() throws Exception {
    pooler = new PgBouncer(fixture.db.url(), SESSIONS);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
    pooler.close();
  }

  private Engine pooled() {
    return fixture.start(CONFIG, pooler.url());
  }

  private static void meet(Engine a, Engine b) {
    await("they see each other", () -> a.gauges().peers() == 1 && b.gauges().peers() == 1);
  }

  private int live() {
    return fixture.db.number("SELECT count(*) FROM node WHERE state = 1");
  }

  @Test
  void jobsRunAreRetriedAndKeepTheirKeys() throws Exception {
    Engine engine = pooled();
    assertEquals("t", fixture.db.text("SELECT pooled FROM node_beat"));
    FakeWorker.answering(
        engine,
        4,
        run -> run.job().progress().attempt() == 1 ? failed("once") : succeeded("42"),
        "f");
    RunPolicy twice = policy(2, 10, Duration.ofSeconds(5));
    NewJob keyed = job("f", twice, NewJob.Due.NOW, "k");
    Enqueued first = enqueued(engine, keyed);
    assertEquals(JobStatus.SUCCEEDED, result(engine, first.id()).status());
    assertEquals(first.id(), enqueued(engine, keyed).id());
    List<CompletableFuture<Enqueued>> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(engine.enqueue(job("f", twice), PATIENCE));
    }
    for (CompletableFuture<Enqueued> one : many) {
      assertEquals(JobStatus.SUCCEEDED, result(engine, get(one).id()).status());
    }
    assertEquals(201, fixture.db.number("SELECT count(*) FROM attempt WHERE outcome = 2"));
    assertEquals(
        100,
        engine
            .list(
                new JobFilter(Set.of(JobStatus.SUCCEEDED), "f", null, null, null, null, null, 100))
            .jobs()
            .size());
  }

  @Test
  void jobsAreDelayedAndCancelledFromAnotherNode() throws Exception {
    Engine a = pooled();
    Engine b = fixture.start();
    meet(a, b);
    FakeWorker worker = FakeWorker.patient(a, 4, "f");
    UUID later =
        enqueue(
            a,
            job(
                "f",
                policy(1, 10, Duration.ofSeconds(30)),
                new NewJob.Due(a.now().plusMillis(800), null),
                null));
    assertEquals(JobStatus.SCHEDULED, a.find(later).status());
    Assignment run = worker.next();
    assertEquals(later, run.lease().job());
    long asked = System.nanoTime();
    assertTrue(b.cancel(later).accepted());
    FakeWorker.next(worker.stops);
    long millis = Duration.ofNanos(System.nanoTime() - asked).toMillis();
    worker.report(run, failed("stopped"));
    assertEquals(JobStatus.CANCELLED, result(b, later).status());
    assertTrue(millis < 10_000, "found after " + millis + " ms");
    UUID there = enqueue(b, job("f"));
    worker.report(worker.next(), succeeded("there"));
    assertEquals(JobStatus.SUCCEEDED, result(b, there).status());
  }

  @Test
  void aPooledNodeThatIsGoneIsTakenOverByADirectOne() throws Exception {
    takenOver(fixture.db.url());
  }

  @Test
  void aPooledNodeThatIsGoneIsTakenOverByAPooledOne() throws Exception {
    takenOver(pooler.url());
  }

  private void takenOver(String by) throws Exception {
    Cable cable = fixture.closing(new Cable(pooler.url()));
    Engine a = fixture.start(jumpy, cable.url());
    Engine b = fixture.start(jumpy, by);
    meet(a, b);
    FakeWorker old = FakeWorker.patient(a, 1, "f");
    UUID id = enqueue(a, job("f"));
    Assignment stale = old.next();
    FakeWorker fresh = FakeWorker.answering(b, 1, run -> succeeded("b"), "f");
    int was = a.node();
    long cut = System.nanoTime();
    cable.cut();
    old.report(stale, succeeded("stale"));
    assertEquals(id, fresh.next().lease().job());
    long millis = Duration.ofNanos(System.nanoTime() - cut).toMillis();
    assertTrue(millis > 1800, "taken over after " + millis + " ms, before it was known to be dead");
    assertEquals(JobStatus.SUCCEEDED, result(b, id).status());
    assertEquals(1, b.gauges().takeovers());
    cable.mend();
    FakeWorker.next(old.lost);
    await("it is another node now", () -> a.node() != was);
    await("and lives", () -> a.ready() && live() == 2);
  }

  /// For longer than every bound that asks for sessions: 50 ms and 3 s.
  @Test
  void healthyNodesLeaveEachOtherAloneWhicheverWayTheyCome() throws Exception {
    Engine a = pooled();
    Engine b = pooled();
    Engine c = fixture.start();
    await("they see each other", () -> a.gauges().peers() + b.gauges().peers() == 4);
    fixture.db.await("SELECT min(beat) FROM node_beat", beat -> Integer.parseInt(beat) > 6);
    assertEquals(3, live());
    assertEquals(0, fixture.db.number("SELECT count(*) FROM node WHERE state <> 1"));
    assertTrue(a.ready() && b.ready() && c.ready());
    assertEquals("t", fixture.db.text("SELECT bool_and(pooled) FROM node_beat WHERE node < 3"));
    assertEquals("f", fixture.db.text("SELECT pooled FROM node_beat WHERE node = 3"));
  }

  @Test
  void aPoolerThatIsKilledAndComesBackCostsNobodyAJob() throws Exception {
    Engine a = pooled();
    Engine b = fixture.start();
    meet(a, b);
    FakeWorker worker = FakeWorker.patient(a, 4, "f");
    UUID running = enqueue(a, job("f"));
    Assignment run = worker.next();
    int was = a.node();
    pooler.kill();
    CompletableFuture<Enqueued> during = a.enqueue(job("f"), PATIENCE);
    worker.report(run, succeeded("1"));
    await("the engine has noticed", () -> !a.ready());
    assertFalse(during.isDone());
    pooler.restart();
    assertEquals(JobStatus.SUCCEEDED, result(a, running).status());
    Assignment second = worker.next();
    assertEquals(get(during).id(), second.lease().job());
    worker.report(second, succeeded("2"));
    assertEquals(JobStatus.SUCCEEDED, result(b, second.lease().job()).status());
    await("it is healthy", a::ready);
    assertEquals(was, a.node());
    assertEquals(0, fixture.db.number("SELECT count(*) FROM attempt"));
    assertNotEquals(0, fixture.db.number("SELECT writer FROM node WHERE id = " + was));
  }
}
