package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs.Change;
import dev.reseolio.engine.store.StoreException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PostgresJobsTest {
  private static final StoreFixture DB = new StoreFixture();

  @AfterAll
  static void close() {
    DB.close();
  }

  private static JobView find(UUID id) {
    return DB.jobs().find(id).orElseThrow();
  }

  @Test
  void lanesAreRegisteredOnceAndKnownByNameAndNumber() {
    Lane lane = DB.jobs().lane("app:mail:send", "default");
    assertSame(lane, DB.jobs().lane("app:mail:send", "default"));
    assertSame(lane, DB.jobs().lane(lane.id()));
    Lane slow = DB.jobs().lane("app:mail:send", "slow");
    assertEquals(lane.functionId(), slow.functionId());
    assertEquals(List.of(lane, slow), DB.jobs().lanesOf(List.of(lane.functionId())));
    assertThrows(StoreException.class, () -> DB.jobs().lane(99_999));
  }

  @Test
  void aPendingJobIsFoundWhole() {
    UUID id =
        DB.uuid(
            """
            SELECT enqueue('find:me', '{"a":1}'::text, '{"queue":"q","priority":2,"maxAttempts":9,"timeoutMs":1500,"tags":["x","y"],"idempotencyKey":"k1"}')
            """);
    JobView view = find(id);
    assertEquals(JobStatus.PENDING, view.status());
    assertEquals("{\"a\":1}", StoreFixture.utf8(view.job().args()));
    assertEquals("find:me", view.lane().function());
    assertEquals("q", view.job().target().queue());
    assertEquals(2, view.job().priority());
    assertEquals(9, view.job().policy().maxAttempts());
    assertEquals(1500, view.job().policy().timeout().toMillis());
    assertEquals(List.of("x", "y"), view.job().labels().tags());
    assertEquals("k1", view.job().labels().key());
    assertEquals("no connected worker offers this function", view.why());
    assertNull(view.end());
    assertNull(view.startedAt());
    assertTrue(view.attempts().isEmpty());
  }

  @Test
  void whyKnowsWhetherWorkersAreThere() {
    UUID id = DB.pending("why:busy");
    int function = find(id).lane().functionId();
    DB.execute("INSERT INTO node (token, name, version) VALUES (gen_random_uuid(), 'n', '1')");
    DB.execute(
        "INSERT INTO node_beat SELECT max(id), 1, new_id(), ARRAY[%d] FROM node"
            .formatted(function));
    assertEquals("all workers that offer the function are busy", find(id).why());
    DB.execute("UPDATE node SET state = 3, ended_at = now()");
    assertEquals("no connected worker offers this function", find(id).why());
  }

  @Test
  void aScheduledJobSaysWhenItIsDue() {
    JobView view = find(DB.scheduled("sched:one"));
    assertEquals(JobStatus.SCHEDULED, view.status());
    assertEquals(view.runAt(), view.job().due().runAt());
    assertEquals("due at " + view.runAt(), view.why());
  }

  @Test
  void aClaimedJobRuns() {
    UUID id = DB.pending("run:one");
    DB.claim(id, 7);
    JobView view = find(id);
    assertEquals(JobStatus.RUNNING, view.status());
    assertNotNull(view.startedAt());
    assertNull(view.why());
  }

  @Test
  void aJobInNoOtherTableRuns() {
    UUID id = DB.pending("run:implicit");
    DB.execute("DELETE FROM ready WHERE id = '%s'".formatted(id));
    assertEquals(JobStatus.RUNNING, find(id).status());
  }

  @Test
  void anEndIsFoundWithItsResult() {
    UUID good = DB.pending("end:one");
    UUID bad = DB.pending("end:one");
    UUID waiting = DB.pending("end:one");
    DB.claim(good, 7);
    DB.succeed(good);
    DB.claim(bad, 7);
    DB.bury(bad);
    JobView view = find(good);
    assertEquals(JobStatus.SUCCEEDED, view.status());
    assertEquals("42", StoreFixture.utf8(sure(sure(view.end()).result())));
    assertNotNull(view.finishedAt());
    List<JobEnd> ends = DB.jobs().ends(List.of(good, waiting, bad, UUID.randomUUID()));
    assertEquals(2, ends.size());
    JobEnd dead = ends.stream().filter(e -> e.id().equals(bad)).findFirst().orElseThrow();
    assertEquals(JobStatus.DEAD, dead.status());
    assertEquals(new JobError("Boom", "it broke", null), dead.error());
    assertNull(dead.result());
  }

  private static <T> T sure(@Nullable T value) {
    assertNotNull(value);
    return Objects.requireNonNull(value);
  }

  @Test
  void unknownIdsAreNamed() {
    UUID known = DB.pending("unknown:not");
    UUID absent = UUID.randomUUID();
    assertEquals(List.of(absent), DB.jobs().unknown(List.of(known, absent)));
    assertEquals(Optional.empty(), DB.jobs().find(absent));
    assertEquals(Optional.empty(), DB.jobs().cancel(absent));
    assertEquals(Optional.empty(), DB.jobs().retry(absent));
  }

  @Test
  void cancelEndsWhatWaits() {
    for (UUID id : List.of(DB.pending("cancel:w"), DB.scheduled("cancel:w"))) {
      Change change = DB.jobs().cancel(id).orElseThrow();
      assertEquals(JobStatus.CANCELLED, change.status());
      assertTrue(change.accepted());
      JobView view = find(id);
      assertEquals(JobStatus.CANCELLED, view.status());
      assertEquals("Cancelled", sure(view.lastError()).type());
      assertEquals(
          new Change(JobStatus.CANCELLED, false, change.laneId()),
          DB.jobs().cancel(id).orElseThrow());
    }
  }

  @Test
  void cancelAsksTheOwnerOfWhatRuns() {
    UUID id = DB.pending("cancel:r");
    DB.claim(id, 7);
    for (int i = 0; i < 2; i++) {
      Change change = DB.jobs().cancel(id).orElseThrow();
      assertEquals(JobStatus.RUNNING, change.status());
      assertTrue(change.accepted());
    }
    assertEquals(id, DB.uuid("SELECT id FROM cancel_request WHERE id = '%s'".formatted(id)));
    DB.succeed(id);
    Change late = DB.jobs().cancel(id).orElseThrow();
    assertEquals(JobStatus.SUCCEEDED, late.status());
    assertFalse(late.accepted());
  }

  @Test
  void retryOpensANewRoundAndKeepsTheOld() {
    UUID id = DB.pending("retry:d");
    DB.claim(id, 7);
    DB.execute("INSERT INTO cancel_request (id) VALUES ('%s')".formatted(id));
    DB.bury(id);
    Change change = DB.jobs().retry(id).orElseThrow();
    assertEquals(JobStatus.PENDING, change.status());
    assertTrue(change.accepted());
    JobView view = find(id);
    assertEquals(JobStatus.PENDING, view.status());
    assertEquals(new Progress(2, 0, 0), view.progress());
    assertEquals(1, view.attempts().size());
    JobView.Attempt first = view.attempts().getFirst();
    assertEquals(AttemptOutcome.FAILED, first.outcome());
    assertEquals(7, first.node());
    assertEquals(new JobError("Boom", "it broke", null), first.error());
    assertEquals(first.error(), view.lastError());
    assertEquals(first.startedAt(), view.startedAt());
    assertNull(DB.text("SELECT id FROM cancel_request WHERE id = '%s'".formatted(id)));
    assertFalse(DB.jobs().retry(id).orElseThrow().accepted());
  }

  @Test
  void retryOfAJobThatNeverRanKeepsItsNumber() {
    UUID id = DB.pending("retry:c");
    DB.jobs().cancel(id);
    assertTrue(DB.jobs().retry(id).orElseThrow().accepted());
    JobView view = find(id);
    assertEquals(Progress.FIRST, view.progress());
    assertTrue(view.attempts().isEmpty());
  }

  @Test
  void retryLeavesSucceededAlone() {
    UUID id = DB.pending("retry:s");
    DB.claim(id, 7);
    DB.succeed(id);
    assertEquals(JobStatus.SUCCEEDED, DB.jobs().retry(id).orElseThrow().status());
    assertFalse(DB.jobs().retry(id).orElseThrow().accepted());
  }
}
