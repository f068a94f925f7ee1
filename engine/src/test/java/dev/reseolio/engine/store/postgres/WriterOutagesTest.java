package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.StoreException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Flushes whose outcome is unknown, and connections that break.
@Timeout(60)
class WriterOutagesTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterOutagesTest() {
    super(DB);
  }

  // Sent twice: what an unknown outcome is resolved by.

  @Test
  void aFlushSentTwiceChangesNothing() {
    UUID runs = Flushes.id();
    UUID spilled = Flushes.id();
    Claimed again = claimed();
    Claimed ends = claimed();
    flush(new Flushes().leased(runs, lane).leased(spilled, lane));
    Flushes all =
        new Flushes()
            .leased(Flushes.id(), lane)
            .ready(Flushes.id(), lane)
            .keyed(Flushes.id(), lane, "twice")
            .insert(
                Flushes.id(),
                lane,
                Flushes.job(
                    lane,
                    1,
                    new NewJob.Due(Instant.now().plusSeconds(60), Instant.now().plusSeconds(90)),
                    null),
                false)
            .spill(spilled, lane, 1)
            .succeed(runs, lane, 1, false, "1")
            .end(again.id(), lane, 1, true, Flushes.again(1, Instant.now().plusSeconds(60)))
            .end(ends.id(), lane, 1, true, Flushes.dead(1));
    FlushReply first = flush(all);
    String after = rows();
    FlushReply second = flush(all);
    assertEquals(after, rows());
    assertEquals(Set.of(), second.inserted());
    assertEquals(4, first.inserted().size());
    assertEquals(first.keyed(), second.keyed());
  }

  @Test
  void aRetrySentAgainDoesNotTakeAwayTheLeaseOfTheNextAttempt() {
    Claimed first = claimed();
    Flushes retry = new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null));
    // The flush that retries may claim the same job at once; its reply is lost.
    Claimed second = writer.flush(me, retry.claim(lane, 1).build()).claimed().getFirst();
    assertEquals(2, second.progress().attempt());
    Flushes sentAgain =
        new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)).adopt();
    List<Claimed> adopted = flush(sentAgain).adopted();
    assertEquals(List.of(first.id()), ids(adopted));
    assertEquals("1", count("lease", first.id()));
  }

  @Test
  void anEndSentAgainAfterAnOperatorsRetryDoesNotEndTheNewRound() {
    Claimed job = claimed();
    Flushes dead = new Flushes().end(job.id(), lane, 1, true, Flushes.dead(1));
    flush(dead);
    assertTrue(DB.jobs().retry(job.id()).orElseThrow().accepted());
    flush(dead);
    assertEquals(JobStatus.PENDING, find(job.id()).status());
    Claimed second = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    flush(dead);
    assertEquals("1", count("lease", job.id()));
    assertEquals("0", count("done", job.id()));
    flush(new Flushes().succeed(second, lane, "1"));
    assertEquals(JobStatus.SUCCEEDED, find(job.id()).status());
  }

  // Broken connections.

  @Test
  void aTerminatedConnectionIsUnavailableOnceAndThenReplaced() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    terminate();
    Flush again = new Flushes().ready(id, lane).build();
    StoreException e = assertThrows(StoreException.class, () -> writer.flush(me, again));
    assertEquals(StoreException.Kind.UNAVAILABLE, e.kind());
    assertEquals(Set.of(), writer.flush(me, again).inserted());
  }

  private void terminate() {
    DB.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(Sessions.name("reseolio", me.id())));
  }

  @Test
  void preparedStatementsThatAPoolerTookAwayAreMadeAnewByTheNextFlush() {
    UUID id = Flushes.id();
    Flush same = new Flushes().ready(id, lane).build();
    writer.flush(me, same);
    DB.execute(FENCE_THAT_FORGETS);
    try {
      StoreException e = assertThrows(StoreException.class, () -> writer.flush(me, same));
      assertEquals(StoreException.Kind.TRANSIENT, e.kind());
    } finally {
      DB.execute(FENCE);
    }
    assertEquals(Set.of(), writer.flush(me, same).inserted());
  }

  private static final String FENCE =
      """
      CREATE OR REPLACE FUNCTION fence(me int, my_token uuid, my_writer int, my_timeline int) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM 1 FROM reseolio.node WHERE id = me AND token = my_token AND writer = my_writer AND state = 1 FOR SHARE;
        IF NOT FOUND THEN RAISE EXCEPTION 'node % is fenced', me USING ERRCODE = 'RS001'; END IF;
      END $$
      """;
  private static final String FENCE_THAT_FORGETS =
      FENCE.replace("BEGIN", "BEGIN EXECUTE 'DEALLOCATE ALL';");

  @Test
  void resetFromAnotherThreadUnblocksAFlush() throws Exception {
    try (Connection blocker = DB.application();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("UPDATE reseolio.node SET name = 'x' WHERE id = " + me.id());
      CompletableFuture<StoreException> failed =
          CompletableFuture.supplyAsync(
              () -> assertThrows(StoreException.class, () -> flush(new Flushes())));
      awaitLock();
      writer.reset();
      assertEquals(StoreException.Kind.UNAVAILABLE, failed.get().kind());
      blocker.rollback();
    }
    assertFalse(writer.flush(me, new Flushes().adopt().build()).adopted().size() > 0);
    assertNotEquals(0, me.id());
  }

  // Connections that are lost without knowing it.

  /// A process that stands still in the middle of a flush, seen from its session: it is not at
  /// work.
  @Test
  void aSessionThatWaitsForItsClientOrIsGoneIsNotAtWork() throws Exception {
    flush(new Flushes());
    int pid = Integer.parseInt(session());
    String name = Sessions.name("reseolio", me.id());
    try (Connection by = DB.application()) {
      while (Sessions.isAtWork(by, name, pid)) {
        Thread.onSpinWait(); // It may not have got to waiting yet.
      }
      terminate();
      assertFalse(Sessions.isAtWork(by, name, pid));
    }
  }

  @Test
  void aWriterThatHasNothingUnderWayKeepsItsConnection() {
    flush(new Flushes());
    String before = session();
    writer.rescue();
    flush(new Flushes());
    assertEquals(before, session());
  }

  @Test
  void aFlushThatPostgresIsAtWorkOnIsNot() throws Exception {
    try (Connection blocker = DB.application();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("UPDATE reseolio.node SET name = 'x' WHERE id = " + me.id());
      CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> flush(new Flushes()));
      awaitLock();
      String before = session();
      whileThePoolIsBusy(writer::rescue);
      blocker.rollback();
      waiting.get();
      assertEquals(before, session());
    }
  }

  /// Connections of the pool are lost together with the writer's, and keep their turns meanwhile.
  private static void whileThePoolIsBusy(Runnable action) throws InterruptedException {
    Connections pool = DB.store.connections();
    CountDownLatch taken = new CountDownLatch(4);
    CountDownLatch done = new CountDownLatch(1);
    for (int i = 0; i < 4; i++) {
      Thread.startVirtualThread(() ->
          pool.with(by -> {
            taken.countDown();
            return await(done);
          }));
    }
    taken.await();
    action.run();
    done.countDown();
  }

  private static boolean await(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String session() {
    return String.valueOf(
        DB.text(
            "SELECT max(pid) FROM pg_stat_activity WHERE application_name = '%s'"
                .formatted(Sessions.name("reseolio", me.id()))));
  }

  private void awaitLock() {
    String waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '%s'"
            .formatted(Sessions.name("reseolio", me.id()));
    while (!"1".equals(DB.text(waiting))) {
      Thread.onSpinWait();
    }
  }
}
