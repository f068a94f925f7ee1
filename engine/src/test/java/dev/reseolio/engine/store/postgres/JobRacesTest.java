package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.store.Jobs.Change;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Two sessions on one job. The first holds its transaction open; the second is seen waiting for it
/// in pg_locks before the first commits.
class JobRacesTest {
  private static final StoreFixture DB = new StoreFixture();

  @AfterAll
  static void close() {
    DB.close();
  }

  private static String promote(UUID id) {
    return """
    WITH d AS (DELETE FROM reseolio.timer WHERE id = '%s' RETURNING lane, priority, id, attempt, failures, crashes)
    INSERT INTO reseolio.ready (lane, priority, id, attempt, failures, crashes) SELECT * FROM d
    """
        .formatted(id);
  }

  /// Runs `second` while `first` is uncommitted; returns what second answered.
  private static <T> T beside(String first, boolean commit, Callable<T> second) throws Exception {
    try (Connection connection = DB.application();
        Statement statement = connection.createStatement();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      connection.setAutoCommit(false);
      statement.execute(first);
      int pid =
          Integer.parseInt(
              String.valueOf(StoreFixture.text(connection, "SELECT pg_backend_pid()")));
      Future<T> answer = other.submit(second);
      awaitBlockedBy(pid);
      if (commit) {
        connection.commit();
      } else {
        connection.rollback();
      }
      return answer.get();
    }
  }

  private static void awaitBlockedBy(int pid) {
    String blocked =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND %d = ANY (pg_blocking_pids(pid))"
            .formatted(pid);
    while (!"1".equals(DB.text(blocked))) {
      Thread.onSpinWait();
    }
  }

  private static Change cancel(UUID id) {
    return DB.jobs().cancel(id).orElseThrow();
  }

  private static JobStatus status(UUID id) {
    return DB.jobs().find(id).orElseThrow().status();
  }

  @Test
  void cancelAfterAClaimAsksTheWorker() throws Exception {
    UUID id = DB.pending("race:f");
    Change change = beside(StoreFixture.CLAIM.formatted(id, 7), true, () -> cancel(id));
    assertEquals(JobStatus.RUNNING, change.status());
    assertTrue(change.accepted());
    assertEquals(id, DB.uuid("SELECT id FROM cancel_request WHERE id = '%s'".formatted(id)));
  }

  @Test
  void cancelAfterAClaimThatFailedCancels() throws Exception {
    UUID id = DB.pending("race:f");
    Change change = beside(StoreFixture.CLAIM.formatted(id, 7), false, () -> cancel(id));
    assertEquals(JobStatus.CANCELLED, change.status());
    assertEquals(JobStatus.CANCELLED, status(id));
  }

  @Test
  void cancelAfterAPromotionStillCancels() throws Exception {
    UUID id = DB.scheduled("race:f");
    Change change = beside(promote(id), true, () -> cancel(id));
    assertEquals(JobStatus.CANCELLED, change.status());
    assertEquals("0", DB.text("SELECT count(*) FROM ready WHERE id = '%s'".formatted(id)));
    assertEquals("0", DB.text("SELECT count(*) FROM cancel_request WHERE id = '%s'".formatted(id)));
  }

  @Test
  void aClaimSkipsAJobThatIsBeingCancelled() throws SQLException {
    UUID id = DB.pending("race:f");
    try (Connection connection = DB.application();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT reseolio.cancel('%s')".formatted(id));
      DB.claim(id, 7);
      connection.commit();
    }
    assertEquals(JobStatus.CANCELLED, status(id));
    assertEquals("0", DB.text("SELECT count(*) FROM lease WHERE id = '%s'".formatted(id)));
  }

  @Test
  void twoCancelsEndAJobOnce() throws Exception {
    UUID id = DB.pending("race:f");
    Change second = beside("SELECT reseolio.cancel('%s')".formatted(id), true, () -> cancel(id));
    assertEquals(JobStatus.CANCELLED, second.status());
    assertFalse(second.accepted());
  }

  @Test
  void ofManyRetriesOneIsAccepted() throws Exception {
    UUID id = DB.pending("race:f");
    DB.claim(id, 7);
    DB.bury(id);
    List<CompletableFuture<Change>> retries = new ArrayList<>();
    try (ExecutorService four = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 8; i++) {
        retries.add(CompletableFuture.supplyAsync(() -> DB.jobs().retry(id).orElseThrow(), four));
      }
      long accepted = retries.stream().filter(r -> r.join().accepted()).count();
      assertEquals(1, accepted);
    }
    assertEquals("1", DB.text("SELECT count(*) FROM ready WHERE id = '%s'".formatted(id)));
    assertEquals("1", DB.text("SELECT count(*) FROM attempt WHERE job = '%s'".formatted(id)));
    assertEquals("0", DB.text("SELECT count(*) FROM done WHERE id = '%s'".formatted(id)));
  }

  @Test
  void aRetryThatWaitsForAnotherFindsTheJobPending() throws Exception {
    UUID id = DB.pending("race:f");
    DB.jobs().cancel(id);
    Change second =
        beside(
            """
            WITH d AS (DELETE FROM reseolio.done WHERE id = '%s' RETURNING id, lane)
            INSERT INTO reseolio.ready (lane, priority, id, attempt, failures, crashes) SELECT lane, 5, id, 1, 0, 0 FROM d
            """
                .formatted(id),
            true,
            () -> DB.jobs().retry(id).orElseThrow());
    assertEquals(JobStatus.PENDING, second.status());
    assertFalse(second.accepted());
  }
}
