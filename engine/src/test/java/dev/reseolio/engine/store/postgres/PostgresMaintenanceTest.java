package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Partitions of a database of its own for each test.
class PostgresMaintenanceTest {
  private static final Duration WEEK = Duration.ofDays(7);

  private final StoreFixture db = new StoreFixture();

  @AfterEach
  void close() {
    db.close();
  }

  private String partitions(String parent) {
    return String.valueOf(
        db.text(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = '%s'::regclass".formatted(parent)));
  }

  /// A finished job created that many days ago.
  private UUID old(int days) {
    return old(db, days);
  }

  static UUID old(StoreFixture db, int days) {
    db.execute(
        "SELECT add_partition(p, ((now() AT TIME ZONE 'UTC')::date - %d)) FROM unnest(ARRAY['job', 'done', 'attempt', 'step']) p"
            .formatted(days));
    UUID id =
        db.uuid(
            """
            WITH l AS (SELECT lane_id FROM lane_of('old', 'default')), j AS (
            INSERT INTO job (id, created_at, lane, priority, max_attempts, timeout_ms)
            SELECT overlay(new_id()::text PLACING left(id_of(now() - interval '%1$d days')::text, 13) FROM 1 FOR 13)::uuid, now() - interval '%1$d days', lane_id, 5, 3, 1000 FROM l
            RETURNING id, lane)
            INSERT INTO done (id, finished_at, started_at, lane, status, attempt, outcome) SELECT id, now() - interval '%1$d days', now() - interval '%1$d days', lane, 6, 1, 2 FROM j RETURNING id
            """
                .formatted(days));
    db.execute(
        "INSERT INTO attempt (job, attempt, lane, outcome, failures, crashes) VALUES ('%s', 1, 1, 2, 1, 0)"
            .formatted(id));
    db.execute(
        "INSERT INTO step (job, key, attempt, owner, result) VALUES ('%s', 'a', 1, 1, '')"
            .formatted(id));
    return id;
  }

  @Test
  void partitionsOfTheseDaysHaveKeysAndIndexes() {
    for (String parent : new String[] {"job", "done", "attempt", "step"}) {
      assertEquals("5", partitions(parent));
    }
    String today = "to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')";
    assertEquals(
        "job_p_lane_id_idx,job_p_pkey",
        String.valueOf(
            db.text(
                "SELECT string_agg(regexp_replace(indexname, '[0-9]+', ''), ',' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'job_p' || "
                    + today)));
    assertEquals(
        "2", db.text("SELECT count(*) FROM pg_indexes WHERE tablename = 'done_p' || " + today));
    assertEquals(
        "1", db.text("SELECT count(*) FROM pg_indexes WHERE tablename = 'attempt_p' || " + today));
    assertEquals(
        "0",
        db.text(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname LIKE '%\\_p2%' AND (NOT i.indisvalid OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))"));
  }

  @Test
  void stepsHavePartitionsBesideJobsThatNodesOfAnOlderReleaseMadeRoomFor() {
    db.execute("SELECT add_partition('job', current_date - n) FROM generate_series(10, 12) n");
    db.store.maintenance().ensurePartitions();
    assertEquals(partitions("job"), partitions("step"));
    assertEquals("5", partitions("attempt"));
  }

  @Test
  void partitionsAreMadeBesideAReaderThatHoldsTheTables() throws SQLException {
    db.execute(
        "DROP TABLE "
            + db.text(
                "SELECT 'job_p' || to_char((now() AT TIME ZONE 'UTC')::date + 3, 'YYYYMMDD')"));
    assertEquals("4", partitions("job"));
    try (Connection reader = db.application();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute(
          "LOCK TABLE reseolio.job IN ACCESS SHARE MODE; INSERT INTO reseolio.function (name) VALUES ('x')");
      db.store.maintenance().ensurePartitions();
      assertEquals("5", partitions("job"));
      reader.rollback();
    }
  }

  @Test
  void aDayThatIsOverGoes() {
    UUID gone = old(9);
    UUID kept = old(2);
    assertEquals("7", partitions("job"));
    assertEquals(1, db.store.maintenance().prune(WEEK));
    assertTrue(db.jobs().find(gone).isEmpty());
    assertEquals(JobStatus.DEAD, db.jobs().find(kept).orElseThrow().status());
    assertEquals("6", partitions("job"));
    assertEquals("6", partitions("done"));
    assertEquals("6", partitions("attempt"));
    assertEquals("6", partitions("step"));
    assertEquals(0, db.store.maintenance().prune(WEEK));
  }

  @Test
  void aDayWithAStragglerIsEmptiedAroundIt() {
    UUID finished = old(9);
    UUID straggler = old(9);
    db.jobs().retry(straggler);
    assertEquals(1, db.store.maintenance().prune(WEEK));
    assertTrue(db.jobs().find(finished).isEmpty());
    assertEquals(JobStatus.PENDING, db.jobs().find(straggler).orElseThrow().status());
    assertEquals("1", db.text("SELECT count(*) FROM attempt"));
    assertEquals("1", db.text("SELECT count(*) FROM step"));
    db.claim(straggler, 1);
    db.bury(straggler);
    assertEquals(0, db.store.maintenance().prune(WEEK), "finished only now");
    db.execute("UPDATE done SET finished_at = now() - interval '8 days'");
    assertEquals(1, db.store.maintenance().prune(WEEK));
    assertEquals("5", partitions("job"));
  }

  @Test
  void aReaderDelaysADropAndTheNextRunFinishesIt() throws SQLException {
    UUID gone = old(9);
    try (Connection reader = db.application();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("SELECT count(*) FROM reseolio.job");
      assertEquals(0, db.store.maintenance().prune(WEEK));
      UUID meanwhile = db.pending("f");
      assertEquals(JobStatus.PENDING, db.jobs().find(meanwhile).orElseThrow().status());
      reader.rollback();
    }
    db.store.maintenance().prune(WEEK);
    assertTrue(db.jobs().find(gone).isEmpty());
    assertEquals("5", partitions("job"));
    assertEquals("5", partitions("done"));
    assertEquals("5", partitions("step"));
    assertEquals(
        "0",
        db.text(
            "SELECT count(*) FROM pg_class WHERE relname = 'job_p' || to_char(now() AT TIME ZONE 'UTC' - interval '9 days', 'YYYYMMDD')"));
  }

  @Test
  void aJobRetriedWhileItsDayIsDetachedComesBack() {
    UUID id = old(9);
    String day =
        String.valueOf(
            db.text("SELECT to_char(now() AT TIME ZONE 'UTC' - interval '9 days', 'YYYYMMDD')"));
    db.jobs().retry(id);
    db.execute("ALTER TABLE job DETACH PARTITION job_p" + day);
    assertEquals(0, db.store.maintenance().prune(WEEK));
    assertEquals(JobStatus.PENDING, db.jobs().find(id).orElseThrow().status());
  }

  @Test
  void expiredKeysSettledNodesAndOrphanedDeadlinesGo() {
    UUID gone = old(9);
    db.execute("INSERT INTO deadline VALUES (now() + interval '1 day', '%s')".formatted(gone));
    db.execute(
        "SELECT enqueue('f', '1'::text, '{\"idempotencyKey\":\"k\"}'); UPDATE job_key SET expires_at = now() - interval '1 s'");
    db.execute(
        "INSERT INTO node (token, state, name, version, ended_at) SELECT gen_random_uuid(), s, 'n', '1', now() - interval '8 days' FROM unnest(ARRAY[1, 2, 3]) s; INSERT INTO node_beat SELECT id, 1, new_id() FROM node");
    db.store.maintenance().prune(WEEK);
    assertEquals("0", db.text("SELECT count(*) FROM job_key"));
    assertEquals("0", db.text("SELECT count(*) FROM deadline"));
    assertEquals("2", db.text("SELECT count(*) FROM node"));
    assertEquals("2", db.text("SELECT count(*) FROM node_beat"));
  }
}
