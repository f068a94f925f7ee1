package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.get;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.policy;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.dispatch.WorkerLink.CancelReason;
import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Executions that are told to stop: timeouts, deadlines, cancellations.
@Timeout(60)
class EngineStopsTest extends SingleEngine {
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
}
