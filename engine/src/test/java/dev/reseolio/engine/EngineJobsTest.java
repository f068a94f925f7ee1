package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.policy;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Jobs that run when they are due and a worker has room, and run again when they fail.
@Timeout(60)
class EngineJobsTest extends SingleEngine {
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
  void aResultThatNobodyWaitsForAnyMoreIsForgotten() throws Exception {
    UUID id = enqueue(engine, job("nobody"));
    int before = engine.gauges().waiters();
    var one = engine.result(id);
    var other = engine.result(id);
    assertTrue(one.cancel(false));
    assertEquals(before + 1, engine.gauges().waiters());
    assertTrue(other.cancel(false));
    assertEquals(before, engine.gauges().waiters());
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
}
