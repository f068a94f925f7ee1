package dev.reseolio.engine;

import static dev.reseolio.engine.EngineFixture.PATIENCE;
import static dev.reseolio.engine.EngineFixture.await;
import static dev.reseolio.engine.EngineFixture.enqueue;
import static dev.reseolio.engine.EngineFixture.get;
import static dev.reseolio.engine.EngineFixture.job;
import static dev.reseolio.engine.EngineFixture.result;
import static dev.reseolio.engine.FakeWorker.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One worker's connection fails while a commit is told to several.
@Timeout(60)
class EngineBrokenLinksTest extends SingleEngine {
  @Test
  void aPushThatFailsHandsTheJobBackAndHarmsNobodyElse() throws Exception {
    FakeWorker broken = FakeWorker.patient(engine, 2, "f");
    FakeWorker sound = FakeWorker.answering(engine, 2, run -> succeeded("1"), "f");
    broken.broken = true;
    for (UUID id : inOneCommit(4)) {
      assertEquals("1", text(result(engine, id)));
    }
    assertEquals(4, sound.runs.size());
    for (Assignment run : sound.runs) {
      Progress now = run.job().progress();
      assertEquals(new Progress(now.attempt(), 0, 0), now, "nothing is charged");
    }
    FakeWorker.next(broken.closings);
    assertTrue(broken.runs.isEmpty());
  }

  @Test
  void aWorkerThatConnectsAgainIsPushedToAgain() throws Exception {
    FakeWorker broken = FakeWorker.patient(engine, 1, "f");
    broken.broken = true;
    UUID id = enqueue(engine, job("f"));
    FakeWorker.next(broken.closings);
    FakeWorker again = broken.resume(engine, 1, List.of(), "f");
    assertTrue(again.attached().resumed());
    Assignment run = again.next();
    assertEquals(id, run.lease().job());
    again.report(run, succeeded("1"));
    assertEquals("1", text(result(engine, id)));
  }

  @Test
  void anAcknowledgementThatFailsIsMadeWhenTheWorkerIsBack() throws Exception {
    FakeWorker broken = FakeWorker.patient(engine, 1, "f");
    FakeWorker sound = FakeWorker.answering(engine, 1, run -> succeeded("2"), "g");
    UUID first = enqueue(engine, job("f"));
    Assignment run = broken.next();
    broken.broken = true;
    broken.report(run, succeeded("1"));
    assertEquals("1", text(result(engine, first)));
    assertEquals("2", text(result(engine, enqueue(engine, job("g")))));
    assertEquals(1, sound.runs.size());
    FakeWorker.next(broken.closings);
    FakeWorker again = broken.resume(engine, 1, List.of(run.lease()), "f");
    assertEquals(run.lease(), FakeWorker.next(again.committed));
    assertTrue(again.lost.isEmpty());
  }

  private List<UUID> inOneCommit(int jobs) throws Exception {
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    try (AutoCloseable blocked = block()) {
      assertNotNull(blocked);
      CompletableFuture<Enqueued> first = engine.enqueue(job("unserved"), PATIENCE);
      await("a flush is under way", fixture::flushWaits);
      assertFalse(first.isDone());
      for (int i = 0; i < jobs; i++) {
        all.add(engine.enqueue(job("f"), PATIENCE));
      }
    }
    List<UUID> ids = new ArrayList<>();
    for (CompletableFuture<Enqueued> one : all) {
      ids.add(get(one).id());
    }
    return ids;
  }
}
