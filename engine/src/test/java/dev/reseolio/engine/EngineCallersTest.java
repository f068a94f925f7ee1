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
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.RunPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What callers are told, whatever the database does.
@Timeout(60)
class EngineCallersTest extends SingleEngine {
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
  void whoWaitsForAJobThatAFailoverLostIsToldThatItIsGone() throws Exception {
    UUID id = enqueue(engine, job("f"));
    CompletableFuture<?> waiter = engine.result(id);
    refused(engine.result(UUID.randomUUID())); // Both have been looked up now.
    assertFalse(waiter.isDone());
    fixture.db.execute("DELETE FROM ready; DELETE FROM job");
    assertEquals(Reason.JOB_NOT_FOUND, refused(waiter).reason());
  }

  @Test
  void whoWaitsForAJobThatRanHereWhenAFailoverLostItIsToldThatItIsGone() throws Exception {
    FakeWorker worker = FakeWorker.patient(engine, 1, "f");
    UUID id = enqueue(engine, job("f"));
    worker.next();
    CompletableFuture<?> waiter = engine.result(id);
    fixture.db.execute(
        "DELETE FROM job; UPDATE node SET token = gen_random_uuid() WHERE id = " + engine.node());
    assertEquals(Reason.JOB_NOT_FOUND, refused(waiter).reason());
    assertEquals(id, FakeWorker.next(worker.lost).job());
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
      await("a flush is under way", fixture::flushWaits);
      worker.report(run, succeeded("1"));
      bad = engine.enqueue(NewJob.of("g", FakeWorker.text("poison")), PATIENCE);
      assertFalse(first.isDone());
    }
    assertEquals(Reason.INTERNAL, refused(bad).reason());
    assertEquals("1", text(result(engine, id)));
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
      await("a flush is under way", fixture::flushWaits);
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
