package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.policy;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.failed;
import static dev.reseolio.engine.FakeWorker.next;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/// Steps that workers record, and what later executions find.
@Timeout(60)
class EngineStepsTest extends SingleEngine {
  private static StepKey step(Assignment run, String key) {
    return new StepKey(run.lease(), key);
  }

  private List<String> recorded(FakeWorker worker, LeaseKey lease) {
    return engine.steps(worker.attached().sessionId(), lease, "").steps().stream()
        .map(s -> s.key() + "=" + new String(s.result().data(), StandardCharsets.UTF_8))
        .toList();
  }

  private static void refuses(Executable read) {
    assertEquals(Reason.LEASE_LOST, assertThrows(EngineException.class, read).reason());
  }

  @Test
  void aLaterExecutionFindsWhatAnEarlierOneRecorded() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f", policy(2, 1, Duration.ofSeconds(10))));
    Assignment first = worker.next();
    worker.record(first, "a", "1");
    assertEquals(step(first, "a"), next(worker.steps));
    worker.record(first, "b", "2");
    assertEquals(step(first, "b"), next(worker.steps));
    worker.report(first, failed("after two steps"));
    Assignment second = worker.next();
    assertEquals(List.of("a=1", "b=2"), recorded(worker, second.lease()));
    worker.report(second, succeeded("3"));
    assertEquals("3", text(result(engine, id)));
    assertEquals(2, engine.find(id).steps().size());
  }

  @Test
  void nobodyButTheHolderOfTheLeaseReadsSteps() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    enqueue(engine, job("f"));
    Assignment run = worker.next();
    FakeWorker other = FakeWorker.patient(engine, 1, "g");
    LeaseKey guessed = new LeaseKey(run.lease().job(), 1, run.lease().token() + 1);
    refuses(() -> recorded(other, run.lease()));
    refuses(() -> recorded(worker, guessed));
    refuses(() -> engine.steps("no session", run.lease(), ""));
    assertEquals(List.of(), recorded(worker, run.lease()));
  }

  @Test
  void theStepOfALostLeaseIsRefusedAndNotWritten() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 2, "f");
    UUID id = enqueue(engine, job("f", policy(2, 1, Duration.ofMillis(50))));
    Assignment late = worker.next();
    Assignment second = worker.next();
    assertEquals(late.lease(), next(worker.lost));
    worker.record(late, "a", "too late");
    assertEquals(late.lease(), next(worker.lost));
    assertEquals(List.of(), recorded(worker, second.lease()));
    assertEquals(1, engine.counters().refused());
    assertTrue(worker.steps.isEmpty());
    assertEquals(id, second.lease().job());
  }

  @Test
  void aStepThatWasUnderWayWhenTheConnectionBrokeIsReportedAgain() throws Exception {
    engine.close();
    Engine patient = fixture.start(EngineFixture.PATIENT, fixture.db.url());
    FakeWorker worker = FakeWorker.patient(patient, 1, "f");
    UUID id = enqueue(patient, job("f"));
    Assignment run = worker.next();
    try (AutoCloseable blocked = fixture.block(patient)) {
      worker.record(run, "a", "1");
      await("the flush waits", fixture::flushWaits);
      worker.attached().broken();
      assertNotNull(blocked);
    }
    await("it is committed", () -> patient.find(id).steps().size() == 1);
    assertTrue(worker.steps.isEmpty());
    FakeWorker again = worker.resume(patient, 1, List.of(run.lease()), "f");
    again.record(run, "a", "1");
    assertEquals(step(run, "a"), next(again.steps));
    assertEquals(1, patient.find(id).steps().size());
  }

  @Test
  void aWorkerThatDoesNotReadIsToldWhenItDoes() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    worker.congested = true;
    worker.record(run, "a", "1");
    await("it is committed", () -> engine.find(id).steps().size() == 1);
    assertTrue(worker.steps.isEmpty());
    worker.congested = false;
    assertEquals(step(run, "a"), next(worker.steps));
  }

  @Test
  void aWorkerThatNeverReadsIsNotListenedToForEver() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    Assignment run = worker.next();
    worker.congested = true;
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                worker.record(run, "s" + i, "1");
              }
            });
    assertEquals(Reason.OVERLOADED, refused.reason());
    assertTrue(engine.find(id).steps().size() > 0);
  }
}
