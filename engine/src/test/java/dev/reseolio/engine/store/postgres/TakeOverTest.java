package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TakeOverTest {
  private static final int BUDGET = 2;

  private final StoreFixture db = new StoreFixture();
  private final PostgresNodes mine = new PostgresNodes(db.store.connections());
  private final PostgresNodes theirs = new PostgresNodes(db.store.connections());
  private final Writer writer = db.store.openWriter();
  private final NodeRef me = mine.join("me", "1");
  private final NodeRef victim = theirs.join("victim", "1");
  private final Lane lane = db.jobs().lane("f", "default");

  @BeforeEach
  void forget() {
    theirs.close();
  }

  @AfterEach
  void close() {
    Invariants.check(db);
    writer.close();
    mine.close();
    theirs.close();
    db.close();
  }

  private UUID leased() {
    UUID id = Flushes.id();
    writer.flush(victim, new Flushes().leased(id, lane).build());
    return id;
  }

  private Claimed claimed(NodeRef node) {
    writer.flush(victim, new Flushes().ready(Flushes.id(), lane).build());
    return writer.flush(node, new Flushes().claim(lane, 1).build()).claimed().getFirst();
  }

  private void beat(UUID lowId) {
    mine.beat(victim, 1, lowId, new int[0]);
  }

  private boolean takeOver() {
    return mine.takeOver(me, victim.id(), BUDGET);
  }

  private JobView find(UUID id) {
    return db.jobs().find(id).orElseThrow();
  }

  @Test
  void explicitLeasesGoBackToReady() {
    Claimed job = claimed(victim);
    assertTrue(takeOver());
    JobView view = find(job.id());
    assertEquals(JobStatus.PENDING, view.status());
    assertEquals(new Progress(2, 0, 1), view.progress());
    JobView.Attempt lost = view.attempts().getFirst();
    assertEquals(AttemptOutcome.NODE_LOST, lost.outcome());
    assertEquals(victim.id(), lost.node());
    assertEquals("0", db.text("SELECT count(*) FROM lease"));
    assertEquals(me.id() + "", db.text("SELECT taken_by FROM node WHERE state = 2"));
  }

  @Test
  void implicitLeasesGoBackFromTheLowIdOnIncludingItself() {
    UUID before = leased();
    UUID at = leased();
    UUID after = leased();
    writer.flush(victim, new Flushes().succeed(before, lane, 1, false, "1").build());
    beat(at);
    assertTrue(takeOver());
    assertEquals(JobStatus.PENDING, find(at).status());
    assertEquals(new Progress(2, 0, 1), find(at).progress());
    assertEquals(JobStatus.PENDING, find(after).status());
    assertEquals(JobStatus.SUCCEEDED, find(before).status());
  }

  @Test
  void aVictimThatNeverBeatLosesWhatItStartedWith() {
    UUID id = leased();
    assertTrue(takeOver());
    assertEquals(JobStatus.PENDING, find(id).status());
  }

  @Test
  void whatWaitsOrHasEndedOrRunsElsewhereIsLeftAlone() {
    UUID done = leased();
    UUID retriedNow = leased();
    UUID retriedLater = leased();
    UUID takenByMe = leased();
    Instant later = Instant.now().plusSeconds(60);
    writer.flush(
        victim,
        new Flushes()
            .succeed(done, lane, 1, false, "1")
            .end(takenByMe, lane, 1, false, Flushes.again(1, null))
            .end(retriedLater, lane, 1, false, Flushes.again(1, later))
            .build());
    assertEquals(
        takenByMe,
        writer.flush(me, new Flushes().claim(lane, 1).build()).claimed().getFirst().id());
    writer.flush(
        victim, new Flushes().end(retriedNow, lane, 1, false, Flushes.again(1, null)).build());
    assertTrue(takeOver());
    assertEquals(new Progress(2, 1, 0), find(retriedNow).progress());
    assertEquals(JobStatus.SCHEDULED, find(retriedLater).status());
    assertEquals(JobStatus.RUNNING, find(takenByMe).status());
    assertEquals(me.id() + "", db.text("SELECT owner FROM lease"));
    assertEquals(JobStatus.SUCCEEDED, find(done).status());
  }

  @Test
  void aJobThatTookDownTooManyIsBuriedWithItsHistory() {
    Claimed first = claimed(victim);
    db.execute("UPDATE lease SET crashes = %d".formatted(BUDGET));
    UUID implicit = leased();
    assertTrue(mine.takeOver(me, victim.id(), BUDGET));
    JobView view = find(first.id());
    assertEquals(JobStatus.DEAD, view.status());
    assertEquals(new Progress(1, 0, BUDGET + 1), view.progress());
    assertEquals(
        "CrashBudgetExceeded",
        String.valueOf(view.lastError()).replaceAll(".*type=(\\w+).*", "$1"));
    assertEquals(AttemptOutcome.NODE_LOST, view.attempts().getLast().outcome());
    assertEquals(JobStatus.PENDING, find(implicit).status());
  }

  /// One of them may be what ends its executor: see [Lifecycle#apart].
  @Test
  void jobsThatWereLostTogetherBeforeComeBackApart() {
    for (int i = 0; i < 10; i++) {
      claimed(victim);
    }
    db.execute("UPDATE lease SET crashes = 1");
    assertTrue(takeOver());
    assertEquals("0", db.text("SELECT count(*) FROM ready"));
    assertEquals(
        "10 t t t",
        db.text(
            """
            SELECT concat_ws(' ', count(DISTINCT run_at), bool_and(run_at BETWEEN now() - interval '10 s' AND now() + interval '1 s'),
                             bool_and(timer.crashes = 2 AND timer.attempt = 2), bool_and(run_at = a.retry_at))
            FROM timer JOIN attempt a ON a.job = timer.id\
            """));
  }

  @Test
  void aBudgetOfZeroBuriesAtTheFirstCrash() {
    UUID implicit = leased();
    assertTrue(mine.takeOver(me, victim.id(), 0));
    assertEquals(JobStatus.DEAD, find(implicit).status());
    assertEquals("0", db.text("SELECT count(*) FROM ready"));
  }

  @Test
  void aTakenOverNodeWritesNoMoreAndTheJobRunsOnceElsewhere() {
    UUID id = leased();
    assertTrue(takeOver());
    StoreException e =
        assertThrows(
            StoreException.class,
            () -> writer.flush(victim, new Flushes().succeed(id, lane, 1, false, "stale").build()));
    assertEquals(StoreException.Kind.FENCED, e.kind());
    List<Flush.Slot> front = List.of(new Flush.Slot(lane.id(), 0, 0));
    Claimed again = writer.flush(me, new Flushes().claim(front, 9).build()).claimed().getFirst();
    writer.flush(me, new Flushes().succeed(again, lane, "fresh").build());
    assertEquals(2, find(id).progress().attempt());
  }

  @Test
  void theSameNumberWithAnotherTokenDoesNotPass() {
    NodeRef twin = new NodeRef(victim.id(), UUID.randomUUID());
    assertEquals(
        StoreException.Kind.FENCED,
        assertThrows(
                StoreException.class,
                () -> writer.flush(twin, new Flushes().ready(Flushes.id(), lane).build()))
            .kind());
    assertEquals("0", db.text("SELECT count(*) FROM job"));
  }

  @Test
  void ofTwoWatchersOneTakesOver() throws Exception {
    List<UUID> jobs = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      jobs.add(i % 2 == 0 ? leased() : claimed(victim).id());
    }
    PostgresNodes others = new PostgresNodes(db.store.connections());
    NodeRef other = others.join("other", "1");
    CyclicBarrier both = new CyclicBarrier(2);
    CompletableFuture<Boolean> a =
        CompletableFuture.supplyAsync(() -> {
          await(both);
          return takeOver();
        });
    CompletableFuture<Boolean> b =
        CompletableFuture.supplyAsync(() -> {
          await(both);
          return others.takeOver(other, victim.id(), BUDGET);
        });
    assertTrue(a.get() ^ b.get(), "exactly one of two");
    jobs.forEach(id -> assertEquals(new Progress(2, 0, 1), find(id).progress()));
    others.close();
    assertFalse(takeOver(), "it is over");
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFlushSentByHalfBlocksNoTakeOverForLong() throws Exception {
    UUID id = leased();
    try (Connection frozen = db.application();
        Statement statement = frozen.createStatement()) {
      Sessions.nameAfter(frozen, "reseolio", victim.id());
      frozen.setAutoCommit(false);
      statement.execute(victimsFence());
      statement.execute(
          "INSERT INTO reseolio.done (id, lane, status, attempt, outcome) VALUES ('%s', %d, 5, 1, 1)"
              .formatted(id, lane.id()));
      long start = System.nanoTime();
      assertTrue(takeOver());
      long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
      assertTrue(millis < 3000, "took " + millis + " ms");
      assertThrows(java.sql.SQLException.class, frozen::commit);
    }
    assertEquals(JobStatus.PENDING, find(id).status());
  }

  /// As its writer begins each flush.
  private String victimsFence() {
    return "SELECT reseolio.fence(id, token, writer, 0) FROM reseolio.node WHERE id = "
        + victim.id();
  }

  @Test
  void aFlushThatCommitsWhileTheTakeOverWaitsIsSeenByIt() throws Exception {
    UUID id = leased();
    try (Connection slow = db.application();
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      statement.execute(victimsFence());
      statement.execute(
          "INSERT INTO reseolio.done (id, lane, status, attempt, outcome) VALUES ('%s', %d, 5, 1, 1)"
              .formatted(id, lane.id()));
      CompletableFuture<Boolean> taken = CompletableFuture.supplyAsync(this::takeOver);
      String waiting =
          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE node SET state = 2%'";
      while (!"1".equals(db.text(waiting))) {
        Thread.onSpinWait();
      }
      slow.commit();
      assertTrue(taken.get());
    }
    assertEquals(JobStatus.SUCCEEDED, find(id).status());
    assertEquals("0", db.text("SELECT count(*) FROM ready"));
  }

  @Test
  void whoeverElseBlocksATakeOverMakesItFailInsteadOfHang() throws Exception {
    try (Connection operator = db.application();
        Statement statement = operator.createStatement()) {
      operator.setAutoCommit(false);
      statement.execute(
          "SELECT 1 FROM reseolio.node WHERE id = %d FOR UPDATE".formatted(victim.id()));
      StoreException e = assertThrows(StoreException.class, this::takeOver);
      assertEquals(StoreException.Kind.TRANSIENT, e.kind());
      operator.rollback();
    }
    assertTrue(takeOver());
  }

  @Test
  void sweepingSettlesAFencedNode() {
    leased();
    assertTrue(takeOver());
    assertEquals(0, mine.sweepFenced(me, BUDGET));
    assertEquals("3", db.text("SELECT state FROM node WHERE id = %d".formatted(victim.id())));
    assertEquals(0, mine.sweepFenced(me, BUDGET));
  }

  @Test
  void sweepingGivesBackWhatAFencedNodeStillOwns() {
    assertTrue(takeOver());
    db.execute("UPDATE node SET state = 1 WHERE id = %d".formatted(victim.id()));
    Claimed forgotten = claimed(victim);
    db.execute("UPDATE node SET state = 2 WHERE id = %d".formatted(victim.id()));
    assertEquals(1, mine.sweepFenced(me, BUDGET));
    assertEquals(JobStatus.PENDING, find(forgotten.id()).status());
    assertEquals("2", db.text("SELECT state FROM node WHERE id = %d".formatted(victim.id())));
    assertEquals(0, mine.sweepFenced(me, BUDGET));
    assertEquals("3", db.text("SELECT state FROM node WHERE id = %d".formatted(victim.id())));
  }

  @Test
  void twoSweepersDoNotGiveBackTheSameJobTwice() throws Exception {
    UUID id = leased();
    db.execute("UPDATE node SET state = 2 WHERE id = %d".formatted(victim.id()));
    try (Connection other = db.application();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // Another sweeper is at work on this node.
      statement.execute(
          "SELECT 1 FROM reseolio.node WHERE id = %d FOR NO KEY UPDATE".formatted(victim.id()));
      assertEquals(0, mine.sweepFenced(me, BUDGET));
      assertEquals(JobStatus.RUNNING, find(id).status(), "left to the other sweeper");
      other.rollback();
    }
    assertEquals(1, mine.sweepFenced(me, BUDGET));
    assertEquals(JobStatus.PENDING, find(id).status());
  }
}
