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
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.dispatch.WorkerLink.CancelReason;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One engine with workers without a wire, on a real database.
@Timeout(60)
class EngineTest {
  private final EngineFixture fixture = new EngineFixture();
  private final Engine engine = fixture.start();

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private static String text(JobEnd end) {
    Payload result = end.result();
    assertNotNull(result);
    return new String(result.data(), StandardCharsets.UTF_8);
  }

  private static JobError error(JobEnd end) {
    JobError error = end.error();
    assertNotNull(error);
    return error;
  }

  private static EngineException refused(CompletableFuture<?> future) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
    return assertInstanceOf(EngineException.class, e.getCause());
  }

  @Test
  void aJobRunsAndItsResultComesBack() throws Exception {
    FakeWorker worker = FakeWorker.answering(engine, 1, run -> succeeded("42"), "f");
    for (int i = 0; i < 5; i++) {
      UUID id = enqueue(engine, job("f"));
      assertEquals("42", text(result(engine, id)));
      Assignment run = worker.next();
      assertEquals(id, run.lease().job());
      assertEquals("f", run.function());
      assertEquals(run.lease(), FakeWorker.next(worker.committed));
      assertEquals(JobStatus.SUCCEEDED, engine.find(id).status());
    }
    assertEquals(0, fixture.db.number("SELECT count(*) FROM ready"));
    assertEquals(0, engine.gauges().enqueuing());
    assertEquals(0, engine.gauges().running());
    assertEquals(0, engine.gauges().waiters());
  }

  @Test
  void aJobWaitsForItsWorker() throws Exception {
    UUID id = enqueue(engine, job("f"));
    assertEquals(JobStatus.PENDING, engine.find(id).status());
    FakeWorker.answering(engine, 1, run -> succeeded("1"), "g");
    FakeWorker.answering(engine, 1, run -> succeeded("2"), "f");
    assertEquals("2", text(result(engine, id)));
  }

  @Test
  void aWorkerHoldsNoMoreThanItsCredits() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 2, "f");
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(enqueue(engine, job("f")));
    }
    Set<UUID> ran = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      Assignment run = worker.next();
      ran.add(run.lease().job());
      int left = fixture.db.number("SELECT count(*) FROM ready");
      assertTrue(left >= 3 - i, "at most two are held");
      worker.report(run, succeeded("1"));
      FakeWorker.next(worker.committed);
    }
    assertEquals(new HashSet<>(ids), ran);
    await("all credits are back", () -> engine.gauges().running() == 0);
  }

  @Test
  void aJobEnqueuedBySqlRuns() throws Exception {
    FakeWorker.answering(engine, 1, run -> succeeded("1"), "f");
    UUID id = fixture.db.enqueue("f", "{}");
    assertEquals("1", text(result(engine, id)));
  }

  @Test
  void aDelayedJobRunsWhenItIsDueNotUpToASecondLater() throws Exception {
    FakeWorker worker = FakeWorker.answering(engine, 9, run -> succeeded("1"), "f");
    for (int i = 0; i < 5; i++) {
      Instant due = engine.now().plusMillis(120);
      UUID id = enqueue(engine, job("f", RunPolicy.DEFAULT, new NewJob.Due(due, null), null));
      assertEquals(JobStatus.SCHEDULED, engine.find(id).status());
      worker.next();
      Instant now = engine.now();
      assertFalse(now.isBefore(due));
      assertTrue(now.isBefore(due.plusMillis(400)), "late by " + Duration.between(due, now));
    }
  }

  @Test
  void aFailedJobIsRetriedAfterItsBackoffAndKnowsWhatWentWrong() throws Exception {
    FakeWorker worker =
        FakeWorker.answering(
            engine,
            1,
            run ->
                run.lease().attempt() < 3 ? failed("no " + run.lease().attempt()) : succeeded("1"),
            "f");
    UUID id = enqueue(engine, job("f", policy(3, 150, Duration.ofSeconds(9))));
    Instant last = Instant.EPOCH;
    for (int attempt = 1; attempt <= 3; attempt++) {
      Assignment run = worker.next();
      Instant now = Instant.now();
      assertEquals(attempt, run.lease().attempt());
      assertEquals(attempt - 1, run.job().progress().failures());
      if (attempt > 1) {
        long pause = Duration.between(last, now).toMillis();
        assertTrue(pause >= 140 && pause < 900, "paused " + pause + " ms");
        assertEquals(JobError.of("Boom", "no " + (attempt - 1)), run.job().lastError());
      }
      last = now;
    }
    assertEquals(3, result(engine, id).attempt());
    assertEquals(
        List.of(AttemptOutcome.FAILED, AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED),
        engine.find(id).attempts().stream().map(JobView.Attempt::outcome).toList());
  }

  @Test
  void aJobThatFailsTooOftenIsDeadAndRunsAgainWhenSomebodySaysSo() throws Exception {
    FakeWorker.answering(
        engine, 1, run -> run.lease().attempt() < 3 ? failed("no") : succeeded("1"), "f");
    UUID id = enqueue(engine, job("f", policy(2, 1, Duration.ofSeconds(9))));
    JobEnd dead = result(engine, id);
    assertEquals(JobStatus.DEAD, dead.status());
    assertEquals("no", error(dead).message());
    assertTrue(engine.retry(id).accepted());
    await("it succeeds", () -> engine.find(id).status() == JobStatus.SUCCEEDED);
    assertEquals("1", text(result(engine, id)));
  }

  @Test
  void aHandlerThatNeverAnswersIsStoppedAndItsSlotIsFreed() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f", policy(1, 1, Duration.ofMillis(100))));
    Assignment run = worker.next();
    assertEquals(
        new FakeWorker.Stop(run.lease(), CancelReason.TIMEOUT), FakeWorker.next(worker.stops));
    assertEquals(run.lease(), FakeWorker.next(worker.lost));
    JobEnd end = result(engine, id);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals("Timeout", error(end).type());
    UUID second = enqueue(engine, job("f"));
    Assignment next = worker.next();
    assertEquals(second, next.lease().job());
    worker.report(run, succeeded("too late"));
    assertEquals(run.lease(), FakeWorker.next(worker.lost));
    assertEquals(JobStatus.DEAD, engine.find(id).status());
    worker.report(next, succeeded("1"));
    assertEquals("1", text(result(engine, second)));
  }

  @Test
  void aHandlerThatStopsInTimeHasTimedOut() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f", policy(1, 1, Duration.ofMillis(50))));
    Assignment run = worker.next();
    FakeWorker.next(worker.stops);
    worker.report(run, failed("interrupted"));
    assertEquals("Timeout", error(result(engine, id)).type());
    assertEquals(AttemptOutcome.TIMED_OUT, engine.find(id).attempts().getLast().outcome());
  }

  @Test
  void theTotalDeadlineEndsARunningJob() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f", RunPolicy.DEFAULT, EngineFixture.within(engine, 200), null));
    worker.next();
    assertEquals(CancelReason.DEADLINE, FakeWorker.next(worker.stops).reason());
    assertEquals("DeadlineExceeded", error(result(engine, id)).type());
  }

  @Test
  void theTotalDeadlineEndsAWaitingJob() throws Exception {
    UUID id = enqueue(engine, job("f", RunPolicy.DEFAULT, EngineFixture.within(engine, 100), null));
    assertEquals("DeadlineExceeded", error(result(engine, id)).type());
  }

  @Test
  void aDeadlineInAThousandYearsDoesNotOverflow() throws Exception {
    FakeWorker.answering(engine, 1, run -> succeeded("1"), "f");
    NewJob.Due far = new NewJob.Due(null, Instant.parse("9999-01-01T00:00:00Z"));
    assertEquals(
        "1", text(result(engine, enqueue(engine, job("f", RunPolicy.DEFAULT, far, null)))));
    NewJob.Due later = new NewJob.Due(Instant.parse("9998-01-01T00:00:00Z"), far.deadline());
    UUID never = enqueue(engine, job("f", RunPolicy.DEFAULT, later, null));
    assertEquals(JobStatus.SCHEDULED, engine.find(never).status());
    NewJob.Due over = new NewJob.Due(null, Instant.parse("0001-01-01T00:00:00Z"));
    UUID dead = enqueue(engine, job("f", RunPolicy.DEFAULT, over, null));
    assertEquals(JobStatus.DEAD, result(engine, dead).status());
  }

  @Test
  void aWaitingJobIsCancelledAtOnce() throws Exception {
    UUID id = enqueue(engine, job("f"));
    CompletableFuture<JobEnd> end = engine.result(id);
    assertEquals(JobStatus.CANCELLED, engine.cancel(id).status());
    assertEquals(JobStatus.CANCELLED, get(end).status());
  }

  @Test
  void aRunningJobIsCancelledThroughItsWorker() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    assertTrue(engine.cancel(id).accepted());
    assertEquals(
        new FakeWorker.Stop(run.lease(), CancelReason.REQUESTED), FakeWorker.next(worker.stops));
    worker.report(run, failed("stopped"));
    assertEquals(JobStatus.CANCELLED, result(engine, id).status());
  }

  @Test
  void aRunningJobThatDoesNotStopIsCancelledAfterTheGrace() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    engine.cancel(id);
    assertEquals(JobStatus.CANCELLED, result(engine, id).status());
    assertEquals(run.lease(), FakeWorker.next(worker.lost));
  }

  @Test
  void aHandlerThatSucceedsAlthoughItWasToldToStopHasSucceeded() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    engine.cancel(id);
    FakeWorker.next(worker.stops);
    worker.report(run, succeeded("done"));
    assertEquals("done", text(result(engine, id)));
  }

  // Workers that come and go.

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
    try (AutoCloseable blocked = block(engine)) {
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
  void aWorkerThatDoesNotReadIsNotPushedToUntilItDoes() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 2, "f");
    worker.congested = true;
    UUID id = enqueue(engine, job("f"));
    assertEquals(JobStatus.PENDING, engine.find(id).status());
    assertTrue(worker.runs.isEmpty());
    worker.congested = false;
    worker.attached().drained();
    assertEquals(id, worker.next().lease().job());
  }

  @Test
  void aClaimOfLargeArgumentsIsBoundedAndTheRestComesWithTheNext() throws Exception {
    Payload megabyte = new Payload(new byte[1 << 20], "application/octet-stream");
    Set<UUID> waiting = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(enqueue(engine, NewJob.of("f", megabyte)));
    }
    FakeWorker worker = FakeWorker.answering(engine, 100, run -> succeeded("1"), "f");
    assertEquals(1 << 20, worker.next().job().args().size());
    for (UUID id : waiting) {
      assertEquals(JobStatus.SUCCEEDED, result(engine, id).status());
      assertEquals(0, engine.find(id).progress().failures());
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

  // Callers.

  @Test
  void unknownJobsAreNotFound() {
    UUID none = UUID.randomUUID();
    assertEquals(Reason.JOB_NOT_FOUND, refused(engine.result(none)).reason());
    for (Runnable call :
        List.<Runnable>of(
            () -> engine.find(none), () -> engine.cancel(none), () -> engine.retry(none))) {
      assertEquals(Reason.JOB_NOT_FOUND, assertThrows(EngineException.class, call::run).reason());
    }
    assertEquals(0, engine.gauges().waiters());
  }

  @Test
  void aThousandWithDuplicateKeysInsideMakeOneJobEach() throws Exception {
    FakeWorker worker = FakeWorker.answering(engine, 50, run -> succeeded("1"), "f");
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    try (AutoCloseable blocked = block()) {
      assertNotNull(blocked);
      for (int i = 0; i < 1000; i++) {
        all.add(
            engine.enqueue(job("f", RunPolicy.DEFAULT, NewJob.Due.NOW, "k" + i % 100), PATIENCE));
      }
    }
    Set<UUID> ids = new HashSet<>();
    int fresh = 0;
    for (CompletableFuture<Enqueued> one : all) {
      Enqueued answer = get(one);
      ids.add(answer.id());
      fresh += answer.deduplicated() ? 0 : 1;
    }
    assertEquals(100, ids.size());
    assertEquals(100, fresh);
    for (UUID id : ids) {
      assertEquals("1", text(result(engine, id)));
    }
    assertEquals(100, worker.runs.size());
    assertEquals(0, engine.gauges().enqueuing());
  }

  /// Keeps every flush waiting until it is closed.
  private AutoCloseable block() throws Exception {
    return block(engine);
  }

  private AutoCloseable block(Engine engine) throws Exception {
    return fixture.db.holding(
        "SELECT 1 FROM reseolio.node WHERE id = %d FOR UPDATE".formatted(engine.node()));
  }

  @Test
  void aRowTheDatabaseRefusesFailsItsCallerOnly() throws Exception {
    fixture.db.execute("ALTER TABLE job ADD CONSTRAINT poison CHECK (args <> 'poison')");
    FakeWorker worker = FakeWorker.answering(engine, 20, run -> succeeded("1"), "f");
    List<CompletableFuture<Enqueued>> good = new ArrayList<>();
    List<CompletableFuture<Enqueued>> bad = new ArrayList<>();
    try (AutoCloseable blocked = block()) {
      assertNotNull(blocked);
      for (int i = 0; i < 60; i++) {
        if (i % 20 == 7) {
          bad.add(engine.enqueue(NewJob.of("f", FakeWorker.text("poison")), PATIENCE));
        } else {
          good.add(engine.enqueue(job("f"), PATIENCE));
        }
      }
    }
    for (CompletableFuture<Enqueued> one : good) {
      assertEquals("1", text(result(engine, get(one).id())));
    }
    for (CompletableFuture<Enqueued> one : bad) {
      assertEquals(Reason.INTERNAL, refused(one).reason());
    }
    assertEquals(57, worker.runs.size());
    assertEquals(0, engine.gauges().enqueuing());
    await("every slot is free again", () -> engine.gauges().running() == 0);
    for (int i = 0; i < 20; i++) {
      enqueue(engine, job("f"));
    }
  }

  @Test
  void aRefusedRowBesideAnEndingIsSetApartInsteadOfBeingHalvedForEver() throws Exception {
    fixture.db.execute("ALTER TABLE job ADD CONSTRAINT poison CHECK (args <> 'poison')");
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    CompletableFuture<Enqueued> bad;
    try (AutoCloseable blocked = block()) {
      assertNotNull(blocked);
      CompletableFuture<Enqueued> first = engine.enqueue(job("g"), PATIENCE);
      await("a flush is under way", this::flushWaits);
      worker.report(run, succeeded("1"));
      bad = engine.enqueue(NewJob.of("g", FakeWorker.text("poison")), PATIENCE);
      assertFalse(first.isDone());
    }
    assertEquals(Reason.INTERNAL, refused(bad).reason());
    assertEquals("1", text(result(engine, id)));
  }

  private boolean flushWaits() {
    return 1
        == fixture.db.number(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
  }

  @Test
  void anOutcomeTheDatabaseRefusesIsAFailureInsteadOfAJobThatRunsForEver() throws Exception {
    FakeWorker.answering(
        engine, 1, run -> new Outcome.Succeeded(new Payload(new byte[1], "no\0type")), "f");
    UUID id = enqueue(engine, job("f", policy(2, 1, Duration.ofSeconds(9))));
    JobEnd end = result(engine, id);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals("OutcomeRefused", error(end).type());
    UUID explicit = fixture.db.enqueue("f", "{\"maxAttempts\":1}");
    assertEquals(JobStatus.DEAD, result(engine, explicit).status());
  }

  @Test
  void tooManyCallersAreRefusedInTimeAndTheOthersServedAfterwards() throws Exception {
    try (EngineFixture own = new EngineFixture()) {
      EngineConfig small =
          EngineFixture.config(
              new EngineConfig.Limits(1 << 20, 5, 1 << 20),
              Duration.ofMillis(300),
              Duration.ofMillis(300));
      Engine full = own.start(small, own.db.url());
      enqueue(full, job("f"));
      List<CompletableFuture<Enqueued>> inside = new ArrayList<>();
      try (AutoCloseable blocked =
          own.db.holding(
              "SELECT 1 FROM reseolio.node WHERE id = %d FOR UPDATE".formatted(full.node()))) {
        assertNotNull(blocked);
        for (int i = 0; i < 5; i++) {
          inside.add(full.enqueue(job("f"), PATIENCE));
        }
        assertEquals(5, full.gauges().enqueuing());
        long start = System.nanoTime();
        EngineException e =
            assertThrows(
                EngineException.class, () -> full.enqueue(job("f"), Duration.ofMillis(100)));
        assertEquals(Reason.OVERLOADED, e.reason());
        assertTrue(System.nanoTime() - start < 2_000_000_000L);
      }
      for (CompletableFuture<Enqueued> one : inside) {
        get(one);
      }
      assertEquals(0, full.gauges().enqueuing());
      enqueue(full, job("f"));
    }
  }

  @Test
  void callersAreAnsweredInTimeAlthoughTheDatabaseHangs() throws Exception {
    enqueue(engine, job("f"));
    try (AutoCloseable blocked = block()) {
      assertNotNull(blocked);
      CompletableFuture<Enqueued> sent = engine.enqueue(job("f"), Duration.ofMillis(200));
      await("a flush is under way", this::flushWaits);
      CompletableFuture<Enqueued> queued = engine.enqueue(job("f"), Duration.ofMillis(200));
      long start = System.nanoTime();
      assertEquals(Reason.OUTCOME_UNKNOWN, refused(sent).reason());
      assertEquals(Reason.STORAGE_UNAVAILABLE, refused(queued).reason());
      assertTrue(System.nanoTime() - start < 3_000_000_000L);
    }
    enqueue(engine, job("f"));
    assertEquals(3, fixture.db.number("SELECT count(*) FROM job"));
  }

  @Test
  void aPayloadOverTheLimitIsRefused() {
    NewJob large = NewJob.of("f", new Payload(new byte[(4 << 20) + 1], null));
    assertEquals(
        Reason.PAYLOAD_TOO_LARGE,
        assertThrows(EngineException.class, () -> engine.enqueue(large, PATIENCE)).reason());
  }

  @Test
  void enqueuingAfterTheEndIsRefusedNotForgotten() {
    engine.close();
    EngineException e =
        assertThrows(EngineException.class, () -> engine.enqueue(job("f"), PATIENCE));
    assertEquals(Reason.SHUTTING_DOWN, e.reason());
    assertNull(fixture.db.text("SELECT id FROM job"));
  }
}
