package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PostgresBacklogTest {
  private final StoreFixture db = new StoreFixture();
  private final Backlog backlog = db.store.backlog();
  private final PostgresNodes nodes = new PostgresNodes(db.store.connections());
  private final NodeRef me = nodes.join("n", "1");
  private final Writer writer = db.store.openWriter();
  private final Lane lane = db.jobs().lane("f", "default");

  @AfterEach
  void close() {
    Invariants.check(db);
    writer.close();
    nodes.close();
    db.close();
  }

  private UUID insert(int priority, NewJob.Due due, boolean leased) {
    UUID id = Flushes.id();
    writer.flush(
        me, new Flushes().insert(id, lane, Flushes.job(lane, priority, due, null), leased).build());
    return id;
  }

  private UUID ready() {
    return insert(5, NewJob.Due.NOW, false);
  }

  private long seq(UUID id) {
    return Long.parseLong(
        String.valueOf(db.text("SELECT seq FROM ready WHERE id = '%s'".formatted(id))));
  }

  private JobView find(UUID id) {
    return db.jobs().find(id).orElseThrow();
  }

  private List<Slot> slot(long after) {
    return List.of(new Slot(lane.id(), 5, after));
  }

  private void succeed(UUID id) {
    writer.flush(me, new Flushes().succeed(id, lane, 1, true, "1").build());
  }

  @Test
  void occupiedSlotsAreNamedInTheOrderAsked() {
    long seq = seq(ready());
    insert(0, NewJob.Due.NOW, false);
    Slot none = new Slot(lane.id(), 3, 0);
    Slot five = new Slot(lane.id(), 5, seq - 1);
    Slot zero = new Slot(lane.id(), 0, 0);
    Slot passed = new Slot(lane.id(), 5, seq);
    assertEquals(List.of(five, zero), backlog.occupied(List.of(none, five, passed, zero)));
    assertEquals(List.of(), backlog.occupied(List.of()));
  }

  @Test
  void dueJobsArePromotedOldestFirstAndTheNextOneIsNamed() {
    Instant now = db.store.now();
    Instant far = now.plusSeconds(3600);
    UUID future = insert(5, new NewJob.Due(far, null), false);
    UUID second = insert(5, new NewJob.Due(now.minusSeconds(1), null), false);
    UUID third = insert(5, new NewJob.Due(now.minusMillis(500), null), false);
    UUID first = insert(5, new NewJob.Due(now.minusSeconds(2), null), false);
    assertEquals(JobStatus.SCHEDULED, find(second).status());
    Backlog.Promoted two = backlog.promote(2);
    assertEquals(2, two.count());
    assertEquals(List.of(lane.id()), two.laneIds());
    assertNotNull(two.nextDue());
    assertTrue(two.nextDue().isBefore(now), "the third is due");
    Backlog.Promoted rest = backlog.promote(2);
    assertEquals(1, rest.count());
    assertEquals(far.toEpochMilli(), sure(rest.nextDue()).toEpochMilli());
    assertTrue(seq(first) < seq(second) && seq(second) < seq(third));
    assertEquals(JobStatus.SCHEDULED, find(future).status());
    Backlog.Promoted none = backlog.promote(2);
    assertEquals(0, none.count());
    assertEquals(List.of(), none.laneIds());
  }

  private static Instant sure(@Nullable Instant at) {
    assertNotNull(at);
    return at;
  }

  @Test
  void anEmptyTimerHasNoNext() {
    assertNull(backlog.promote(10).nextDue());
  }

  @Test
  void aPromotionSkipsWhatAnotherIsPromoting() throws Exception {
    UUID due = insert(5, new NewJob.Due(db.store.now().minusSeconds(1), null), false);
    try (Connection other = db.application();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT 1 FROM reseolio.timer WHERE id = '%s' FOR UPDATE".formatted(due));
      assertEquals(0, backlog.promote(10).count());
      other.rollback();
    }
    assertEquals(1, backlog.promote(10).count());
  }

  @Test
  void aCursorMovesPastWhatIsGone() {
    long seq = seq(ready());
    UUID kept = ready();
    Backlog.Mark mark = backlog.mark();
    assertEquals(seq(kept), mark.seq());
    assertEquals(slot(seq - 1), backlog.advance(mark, slot(0)), "the first is still there");
    UUID claimed = writer.flush(me, new Flushes().claim(lane, 1).build()).claimed().getFirst().id();
    Backlog.Mark second = backlog.mark();
    assertEquals(slot(seq(kept) - 1), backlog.advance(second, slot(0)));
    writer.flush(me, new Flushes().claim(lane, 1).build());
    Backlog.Mark third = backlog.mark();
    assertEquals(slot(third.seq()), backlog.advance(third, slot(0)));
    succeed(claimed);
    succeed(kept);
  }

  @Test
  void aCursorDoesNotPassARowThatIsNotCommittedYet() throws Exception {
    UUID late;
    Backlog.Mark mark;
    try (Connection slow = db.application();
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      late =
          UUID.fromString(
              String.valueOf(StoreFixture.text(slow, "SELECT reseolio.enqueue('f', '1'::text)")));
      UUID fast = ready();
      mark = backlog.mark();
      assertTrue(mark.seq() >= seq(fast));
      writer.flush(me, new Flushes().claim(lane, 9).build());
      succeed(fast);
      assertEquals(List.of(), backlog.advance(mark, slot(0)), "a transaction may still insert");
      statement.execute("SELECT 1");
      slow.commit();
    }
    assertEquals(slot(seq(late) - 1), backlog.advance(mark, slot(0)));
    assertEquals(
        late,
        writer
            .flush(me, new Flushes().claim(backlog.advance(mark, slot(0)), 9).build())
            .claimed()
            .getFirst()
            .id());
  }

  @Test
  void aCursorDoesNotPassTheRowOfTheOnlyOpenTransaction() throws Exception {
    ready();
    writer.flush(me, new Flushes().claim(lane, 1).build());
    try (Connection slow = db.application()) {
      slow.setAutoCommit(false);
      StoreFixture.text(slow, "SELECT reseolio.enqueue('f', '1'::text)");
      Backlog.Mark mark = backlog.mark();
      assertEquals(List.of(), backlog.advance(mark, slot(0)));
      slow.commit();
      assertEquals(slot(mark.seq() - 1), backlog.advance(mark, slot(0)));
    }
  }

  @Test
  void aCursorDoesNotPassARowWhoseClaimIsRolledBack() throws Exception {
    UUID id = ready();
    try (Connection claimer = db.application();
        Statement statement = claimer.createStatement()) {
      claimer.setAutoCommit(false);
      statement.execute(StoreFixture.CLAIM.formatted(id, 77));
      Backlog.Mark mark = backlog.mark();
      assertEquals(List.of(), backlog.advance(mark, slot(0)), "it is older than the mark");
      claimer.rollback();
      assertEquals(slot(seq(id) - 1), backlog.advance(mark, slot(0)));
    }
  }

  @Test
  void aLongReaderDoesNotHoldCursorsBack() throws Exception {
    try (Connection reader = db.application();
        Statement statement = reader.createStatement()) {
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reader.setAutoCommit(false);
      statement.executeQuery("SELECT count(*) FROM reseolio.job").close();
      UUID id = ready();
      writer.flush(me, new Flushes().claim(lane, 1).build());
      succeed(id);
      Backlog.Mark mark = backlog.mark();
      assertEquals(slot(mark.seq()), backlog.advance(mark, slot(0)));
      reader.rollback();
    }
  }

  @Test
  void requestsToCancelAreListedAndSettled() {
    UUID runs = ready();
    writer.flush(me, new Flushes().claim(lane, 1).build());
    UUID waits = ready();
    db.jobs().cancel(runs);
    db.execute("INSERT INTO cancel_request (id) VALUES ('%s')".formatted(waits));
    assertEquals(Set.of(runs, waits), Set.copyOf(backlog.cancelRequests()));
    assertEquals(List.of(waits), backlog.settleCancelRequests());
    assertEquals(JobStatus.CANCELLED, find(waits).status());
    assertEquals(JobStatus.RUNNING, find(runs).status());
    assertEquals(List.of(), backlog.settleCancelRequests());
    assertEquals(List.of(runs), backlog.cancelRequests(), "its worker was not told yet");
    succeed(runs);
    backlog.settleCancelRequests();
    assertEquals(List.of(), backlog.cancelRequests());
    assertEquals(JobStatus.SUCCEEDED, find(runs).status());
  }

  @Test
  void aJobThatIsRetriedAfterACancellationIsCancelledBeforeItRunsAgain() {
    UUID id = ready();
    writer.flush(me, new Flushes().claim(lane, 1).build());
    db.jobs().cancel(id);
    writer.flush(me, new Flushes().end(id, lane, 1, true, Flushes.again(1, null)).build());
    assertEquals(List.of(id), backlog.settleCancelRequests());
  }

  @Test
  void overdueJobsThatWaitAreEnded() {
    Instant now = db.store.now();
    NewJob.Due over = new NewJob.Due(null, now.minusMillis(1));
    UUID pending = insert(5, over, false);
    UUID running = insert(5, over, true);
    UUID scheduled = insert(5, new NewJob.Due(now.minusSeconds(9), now.minusSeconds(1)), false);
    UUID later = insert(5, new NewJob.Due(null, now.plusSeconds(60)), false);
    assertEquals(Set.of(pending, scheduled), Set.copyOf(backlog.expireDeadlines(10)));
    JobView view = find(pending);
    assertEquals(JobStatus.DEAD, view.status());
    assertTrue(String.valueOf(view.lastError()).contains("DeadlineExceeded"));
    assertEquals(List.of(), view.attempts());
    assertEquals(JobStatus.RUNNING, find(running).status());
    assertEquals(JobStatus.PENDING, find(later).status());
    assertEquals(List.of(), backlog.expireDeadlines(10));
    assertEquals(
        "t",
        db.text("SELECT at > now() FROM deadline WHERE id = '%s'".formatted(running)),
        "looked at again later");
    assertEquals("2", db.text("SELECT count(*) FROM deadline"));
  }

  @Test
  void theDeadlineOfAFinishedJobIsForgotten() {
    UUID id = insert(5, new NewJob.Due(null, db.store.now().minusMillis(1)), true);
    writer.flush(me, new Flushes().succeed(id, lane, 1, false, "1").build());
    assertEquals(List.of(), backlog.expireDeadlines(10));
    assertEquals("0", db.text("SELECT count(*) FROM deadline"));
  }

  @Test
  void theDeadlineOfAJobThatIsJustBeingClaimedIsNotForgotten() throws Exception {
    UUID id = insert(5, new NewJob.Due(null, db.store.now().minusMillis(1)), false);
    try (Connection claimer = db.application();
        Statement statement = claimer.createStatement()) {
      claimer.setAutoCommit(false);
      statement.execute(StoreFixture.CLAIM.formatted(id, 77));
      CompletableFuture<List<UUID>> expired =
          CompletableFuture.supplyAsync(() -> backlog.expireDeadlines(10));
      String waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      while (!"1".equals(db.text(waiting))) {
        Thread.onSpinWait();
      }
      claimer.commit();
      assertEquals(List.of(), expired.get());
    }
    assertEquals(JobStatus.RUNNING, find(id).status());
    assertEquals("1", db.text("SELECT count(*) FROM deadline"), "it may wait again");
  }
}
