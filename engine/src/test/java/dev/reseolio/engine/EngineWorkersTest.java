package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.PATIENCE;
import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.get;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.policy;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.dispatch.WorkerLink.CancelReason;
import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.JobEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers that come and go.
@Timeout(60)
class EngineWorkersTest extends SingleEngine {
  @Test
  void aResumedWorkerKeepsItsJobs() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    worker.attached().broken();
    FakeWorker again = worker.resume(engine, 1, List.of(run.lease()), "f");
    assertTrue(again.attached().resumed());
    worker.report(run, succeeded("over the old connection"));
    again.report(run, succeeded("over the new one"));
    assertEquals("over the new one", text(result(engine, id)));
    assertEquals(1, engine.find(id).progress().attempt());
  }

  @Test
  void whatAResumedWorkerNoLongerHoldsRunsAgainUncharged() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    worker.attached().broken();
    FakeWorker again = worker.resume(engine, 1, List.of(), "f");
    Assignment run = again.next();
    assertEquals(new Progress(2, 0, 0), run.job().progress());
    again.report(run, succeeded("1"));
    assertEquals("1", text(result(engine, id)));
  }

  @Test
  void aResumedWorkerLearnsWhatWasCommittedAndWhatIsLostAndWhatToStop() throws Exception {
    engine.close();
    Engine engine = fixture.start(EngineFixture.PATIENT, fixture.db.url());
    FakeWorker worker = FakeWorker.patient(engine, 3, "f");
    UUID first = enqueue(engine, job("f"));
    Assignment done = worker.next();
    enqueue(engine, job("f", policy(1, 1, Duration.ofMillis(50))));
    Assignment late = worker.next();
    UUID third = enqueue(engine, job("f"));
    Assignment stopped = worker.next();
    FakeWorker.next(worker.stops);
    try (AutoCloseable blocked = block()) {
      worker.report(done, succeeded("1"));
      worker.attached().broken();
      assertNotNull(blocked);
    }
    result(engine, first);
    result(engine, late.lease().job());
    engine.cancel(third);
    await("the engine has noticed", () -> engine.find(third).status() == JobStatus.RUNNING);
    LeaseKey taken = new LeaseKey(UUID.randomUUID(), 1, 1);
    FakeWorker again =
        worker.resume(engine, 3, List.of(done.lease(), late.lease(), stopped.lease(), taken), "f");
    assertEquals(taken, FakeWorker.next(again.lost));
    assertEquals(done.lease(), FakeWorker.next(again.committed));
    assertEquals(
        new FakeWorker.Stop(stopped.lease(), CancelReason.REQUESTED), FakeWorker.next(again.stops));
    again.report(stopped, failed("stopped"));
    assertEquals(JobStatus.CANCELLED, result(engine, third).status());
  }

  @Test
  void aWorkerThatDoesNotResumeIsLostAndTheCrashIsCounted() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    worker.attached().broken();
    FakeWorker other = FakeWorker.patient(engine, 1, "f");
    Assignment run = other.next();
    assertEquals(new Progress(2, 0, 1), run.job().progress());
    assertEquals("WorkerLost", error(run).type());
    assertFalse(worker.resume(engine, 1, List.of(), "f").attached().resumed());
    other.report(run, succeeded("1"));
    assertEquals("1", text(result(engine, id)));
    assertEquals(AttemptOutcome.WORKER_LOST, engine.find(id).attempts().getFirst().outcome());
  }

  private static JobError error(Assignment run) {
    JobError error = run.job().lastError();
    assertNotNull(error);
    return error;
  }

  @Test
  void aJobThatTakesDownTooManyWorkersIsDead() throws Exception {
    UUID id = enqueue(engine, job("f"));
    for (int i = 0; i < 3; i++) {
      FakeWorker worker = FakeWorker.patient(engine, 1, "f");
      worker.next();
      worker.attached().broken();
    }
    JobEnd end = result(engine, id);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals("CrashBudgetExceeded", error(end).type());
  }

  @Test
  void nothingIsPushedToAWorkerWhoseConnectionIsBroken() throws Exception {
    FakeWorker broken = FakeWorker.patient(engine, 5, "f");
    broken.attached().broken();
    UUID id = enqueue(engine, job("f"));
    assertEquals(JobStatus.PENDING, engine.find(id).status());
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    assertEquals(Progress.FIRST, worker.next().job().progress());
    await("the broken one is lost", () -> engine.gauges().workers() == 1);
    assertEquals(Progress.FIRST, engine.find(id).progress(), "its loss is charged to nobody");
  }

  @Test
  void everyBreakGetsAGraceOfItsOwn() throws Exception {
    try (EngineFixture own = new EngineFixture()) {
      EngineConfig slow =
          EngineFixture.config(
              EngineFixture.CONFIG.limits(), Duration.ofMillis(600), Duration.ofMillis(300));
      Engine patient = own.start(slow, own.db.url());
      FakeWorker worker = FakeWorker.patient(patient, 1, "f");
      UUID id = enqueue(patient, job("f"));
      Assignment run = worker.next();
      long start = System.nanoTime();
      // Breaks and resumes at once for longer than one grace, and is never gone for long.
      while (System.nanoTime() - start < 1_200_000_000L) {
        worker.attached().broken();
        worker = worker.resume(patient, 1, List.of(run.lease()), "f");
        assertTrue(worker.attached().resumed());
      }
      worker.report(run, succeeded("1"));
      assertEquals(1, result(patient, id).attempt());
    }
  }

  @Test
  void whatWasLostDoesNotQueueUpAgainBehindABacklog() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID lost = enqueue(engine, job("f"));
    worker.next();
    for (int i = 0; i < 50; i++) {
      enqueue(engine, job("f"));
    }
    worker.attached().broken();
    FakeWorker other = FakeWorker.patient(engine, 1, "f");
    // The other worker may have begun one of those that waited before the loss was known.
    List<UUID> order = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Assignment run = other.next();
      order.add(run.lease().job());
      if (order.contains(lost)) {
        break;
      }
      await("the loss is known", () -> engine.find(lost).status() == JobStatus.PENDING);
      other.report(run, succeeded("1"));
    }
    assertTrue(order.contains(lost), "51 wait, and the lost one comes after " + order.size());
  }

  @Test
  void aBusyWorkerThatBeatsBesideItsBrokenStreamIsNotLost() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    worker.attached().broken();
    // The grace is 300 ms; beats are due every second.
    long start = System.nanoTime();
    while (System.nanoTime() - start < 1_000_000_000L) {
      assertTrue(engine.beat(worker.attached().sessionId()));
      Thread.onSpinWait();
    }
    assertEquals(Progress.FIRST, engine.find(id).progress());
    assertTrue(worker.resume(engine, 1, List.of(run.lease()), "f").attached().resumed());
  }

  @Test
  void aWorkerThatStopsBeatingBesideItsBrokenStreamIsLost() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    worker.attached().broken();
    engine.beat(worker.attached().sessionId());
    long start = System.nanoTime();
    await("it is lost", () -> engine.find(id).progress().crashes() == 1);
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertTrue(millis > 1000 && millis < 4000, "lost after " + millis + " ms");
    assertFalse(engine.beat(worker.attached().sessionId()));
  }

  @Test
  void aBeatBeforeTheBreakProlongsNothing() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    engine.beat(worker.attached().sessionId());
    long start = System.nanoTime();
    worker.attached().broken();
    await("it is lost", () -> engine.find(id).progress().crashes() == 1);
    assertTrue(System.nanoTime() - start < 1_300_000_000L);
  }

  @Test
  void aSilentWorkerIsLostAfterThreeBeats() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    assertTrue(FakeWorker.next(worker.closings).contains("missed"));
    await("it runs elsewhere", () -> engine.find(id).progress().crashes() == 1);
  }

  @Test
  void aWorkerThatSaysGoodbyeHandsBackUncharged() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    worker.attached().closed();
    FakeWorker other = FakeWorker.patient(engine, 1, "f");
    assertEquals(new Progress(2, 0, 0), other.next().job().progress());
    assertEquals(AttemptOutcome.RELEASED, engine.find(id).attempts().getFirst().outcome());
  }

  @Test
  void whatIsHandedBackIsTakenInTheSameFlush() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    FakeWorker other = FakeWorker.patient(engine, 1, "f");
    long before = engine.gauges().flushes();
    worker.attached().closed();
    assertEquals(id, other.next().lease().job());
    assertEquals(1, engine.gauges().flushes() - before);
  }

  @Test
  void aDrainWaitsForWhatFinishesAndHandsBackTheRest() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 2, "f");
    UUID quick = enqueue(engine, job("f"));
    UUID slow = enqueue(engine, job("f"));
    Assignment one = worker.next();
    Assignment two = worker.next();
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(() -> engine.drain(Duration.ofSeconds(2)));
    FakeWorker.next(worker.drains);
    assertEquals(
        Reason.SHUTTING_DOWN,
        assertThrows(EngineException.class, () -> engine.enqueue(job("f"), PATIENCE)).reason());
    worker.report(one.lease().job().equals(quick) ? one : two, succeeded("1"));
    assertEquals("1", text(result(engine, quick)));
    get(drained);
    FakeWorker.next(worker.closings);
    await("it is handed back", () -> engine.find(slow).status() == JobStatus.PENDING);
    assertEquals(new Progress(2, 0, 0), engine.find(slow).progress());
  }

  @Test
  void closingHandsEverythingBackAndSignsOff() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 3, "f");
    for (int i = 0; i < 3; i++) {
      enqueue(engine, job("f"));
      worker.next();
    }
    engine.close();
    engine.close();
    assertEquals(3, fixture.db.number("SELECT count(*) FROM ready WHERE crashes = 0"));
    assertEquals(3, fixture.db.number("SELECT state FROM node"));
  }

  @Test
  void aNodeThatCannotHandEverythingBackDoesNotSignOff() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    enqueue(engine, job("f"));
    worker.next();
    // Only the flush is blocked: what is held stays held.
    try (AutoCloseable blocked =
        fixture.db.holding("LOCK TABLE reseolio.ready IN ACCESS EXCLUSIVE MODE")) {
      engine.close();
      assertNotNull(blocked);
    }
    assertEquals(1, fixture.db.number("SELECT state FROM node"), "others take over");
    Engine next = fixture.start();
    FakeWorker other = FakeWorker.patient(next, 1, "f");
    other.report(other.next(), succeeded("1"));
    await("it runs there", () -> fixture.db.number("SELECT count(*) FROM done") == 1);
  }

  @Test
  void aWorkerThatReportsWhatIsNotItsOwnMustReadWhatItIsToldOfIt() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 2, "f");
    var never = new LeaseKey(UUID.randomUUID(), 1, 1);
    var report = List.of(new Reported(never, new Outcome.Released()));
    worker.congested = true;
    assertEquals(
        Reason.OVERLOADED,
        assertThrows(EngineException.class, () -> worker.attached().report(report)).reason());
    assertTrue(worker.lost.isEmpty());
    worker.congested = false;
    worker.attached().report(report);
    assertEquals(never, worker.lost.poll());
  }
}
