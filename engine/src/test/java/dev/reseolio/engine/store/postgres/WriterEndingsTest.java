package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ends, retries and attempts; leases of those that run long.
@Timeout(60)
class WriterEndingsTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterEndingsTest() {
    super(DB);
  }

  @Test
  void anEndLeavesNothingButItself() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "42"));
    JobEnd end = end(job.id());
    assertEquals(JobStatus.SUCCEEDED, end.status());
    assertEquals(1, end.attempt());
    assertNotNull(end.result());
    assertEquals("42", StoreFixture.utf8(end.result()));
    assertNull(end.error());
    assertEquals("0", count("lease", job.id()));
  }

  @Test
  void aDeadJobKeepsItsError() {
    UUID id = Flushes.id();
    flush(new Flushes().leased(id, lane));
    flush(new Flushes().end(id, lane, 1, false, Flushes.dead(1)));
    assertEquals(Flushes.BOOM, end(id).error());
    assertEquals(new Progress(1, 1, 0), find(id).progress());
  }

  @Test
  void whoeverCompletesFirstIsRight() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "first"));
    flush(new Flushes().succeed(job, lane, "second"));
    flush(new Flushes().end(job.id(), lane, 1, true, Flushes.dead(1)));
    JobEnd end = end(job.id());
    assertNotNull(end.result());
    assertEquals("first", StoreFixture.utf8(end.result()));
  }

  @Test
  void aRetryAfterTheEndDoesNotBringTheJobBack() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "1"));
    flush(new Flushes().end(job.id(), lane, 1, true, Flushes.again(1, null)));
    flush(new Flushes().end(job.id(), lane, 2, true, Flushes.again(2, Instant.now())));
    assertEquals(JobStatus.SUCCEEDED, find(job.id()).status());
    assertEquals("0", count("ready", job.id()));
    assertEquals("0", count("timer", job.id()));
  }

  @Test
  void aRetryWaitsInTimerOrReady() {
    Claimed now = claimed();
    UUID later = Flushes.id();
    Instant at = Instant.parse("2031-01-01T00:00:00Z");
    flush(new Flushes().leased(later, lane));
    flush(
        new Flushes()
            .end(now.id(), lane, 1, true, Flushes.again(1, null))
            .end(later, lane, 1, false, Flushes.again(1, at)));
    assertEquals(JobStatus.PENDING, find(now.id()).status());
    assertEquals(new Progress(2, 1, 0), find(now.id()).progress());
    assertEquals("0", count("lease", now.id()));
    assertEquals(at, find(later).runAt());
    assertEquals(AttemptOutcome.FAILED, find(later).attempts().getFirst().outcome());
    assertEquals(at, find(later).attempts().getFirst().retryAt());
  }

  @Test
  void theSecondExecutionLearnsTheErrorOfTheFirst() {
    Claimed first = claimed();
    flush(new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)));
    Claimed second = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertEquals(new Progress(2, 1, 0), second.progress());
    JobError error = second.lastError();
    assertNotNull(error);
    assertEquals("Boom", error.type());
    assertEquals("it broke", error.message());
    List<Claimed> adopted = flush(new Flushes().adopt()).adopted();
    assertEquals(error, adopted.getFirst().lastError());
    var released = new Decision.Again(AttemptOutcome.RELEASED, second.progress(), null, null);
    flush(new Flushes().end(second.id(), lane, 2, true, released));
    Claimed third = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertNull(third.lastError(), "the attempt before was released, not failed");
  }

  @Test
  void theLastExecutionIsAmongTheAttempts() {
    Claimed first = claimed();
    flush(new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)));
    flush(new Flushes().claim(lane, 1));
    flush(new Flushes().end(first.id(), lane, 2, true, Flushes.again(2, null)));
    Claimed third = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertEquals(2, find(first.id()).attempts().size());
    flush(new Flushes().succeed(third, lane, "1"));
    List<JobView.Attempt> attempts = find(first.id()).attempts();
    assertEquals(
        List.of(AttemptOutcome.FAILED, AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED),
        attempts.stream().map(JobView.Attempt::outcome).toList());
    JobView.Attempt last = attempts.getLast();
    assertEquals(3, last.number());
    assertEquals(me.id(), last.node());
    assertNotNull(last.startedAt());
    assertNull(last.error());
    assertNull(last.retryAt());
    assertEquals(find(first.id()).finishedAt(), last.endedAt());
  }

  @Test
  void aJobThatNeverRanHasNoAttempt() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    DB.jobs().cancel(id);
    assertEquals(List.of(), find(id).attempts());
  }

  @Test
  void aLongRunnerGetsALease() {
    UUID id = Flushes.id();
    flush(new Flushes().leased(id, lane));
    flush(new Flushes().spill(id, lane, 1));
    assertEquals("1", count("lease", id));
    flush(new Flushes().spill(id, lane, 1));
    assertEquals("1", count("lease", id));
    flush(new Flushes().succeed(id, lane, 1, true, "1"));
    assertEquals("0", count("lease", id));
  }

  @Test
  void aLongRunnerThatEndsInTheFlushThatSpillsItLeavesNoLease() {
    UUID done = Flushes.id();
    UUID again = Flushes.id();
    flush(new Flushes().leased(done, lane).leased(again, lane));
    Flushes both =
        new Flushes()
            .spill(done, lane, 1)
            .spill(again, lane, 1)
            .succeed(done, lane, 1, true, "1")
            .end(again, lane, 1, true, Flushes.again(1, null));
    for (int i = 0; i < 2; i++) {
      flush(both);
      assertEquals("0", count("lease", done));
      assertEquals("0", count("lease", again));
      Invariants.check(DB);
    }
  }
}
