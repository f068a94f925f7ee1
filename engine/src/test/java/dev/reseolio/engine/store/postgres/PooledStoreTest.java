package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The store behind a real PgBouncer in transaction mode.
@Timeout(60)
class PooledStoreTest {
  private static final int SESSIONS = 4;

  private final String url = TestPostgres.newDatabase();
  private final StoreFixture direct = new StoreFixture(url);
  private final PgBouncer pooler = new PgBouncer(url, SESSIONS);
  private final StoreFixture db = new StoreFixture(pooler.url());
  private final PostgresNodes nodes = new PostgresNodes(db.store.connections());
  private final Writer writer = db.store.openWriter();

  PooledStoreTest() throws Exception {}

  @AfterEach
  void close() throws Exception {
    writer.close();
    nodes.close();
    db.close();
    pooler.close();
    direct.close();
  }

  private Connection stranger(String by) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql:"
            + by.substring(by.indexOf("//")).replace("postgres@", "")
            + "?user=postgres&prepareThreshold=0");
  }

  @Test
  void nothingIsLeftInTheSessionsThatOthersUse() throws Exception {
    try (PgBouncer one = new PgBouncer(url, 1);
        StoreFixture tight = new StoreFixture(one.url());
        PostgresNodes here = new PostgresNodes(tight.store.connections());
        Writer pen = tight.store.openWriter()) {
      NodeRef me = here.join("n", "1");
      Lane lane = tight.jobs().lane("f", "default");
      pen.flush(me, new Flushes().leased(Flushes.id(), lane).build());
      here.beat(me, 1, Flushes.id(), new int[0]);
      here.peers(me);
      tight.jobs().list(new JobFilter(Set.of(), "f", null, null, null, null, null, 10));
      assertEquals("reseolio", tight.text("SHOW search_path"));
      assertEquals("off", tight.text("SHOW enable_seqscan"));
      try (Connection other = stranger(one.url());
          Connection fresh = stranger(url)) {
        for (String setting :
            List.of(
                "search_path",
                "enable_seqscan",
                "enable_sort",
                "jit",
                "plan_cache_mode",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "client_connection_check_interval",
                "default_transaction_isolation",
                "tcp_user_timeout",
                "application_name",
                "synchronous_commit")) {
          assertEquals(
              StoreFixture.text(fresh, "SHOW " + setting),
              StoreFixture.text(other, "SHOW " + setting),
              setting);
        }
        for (String left : List.of("pg_prepared_statements", "pg_listening_channels()")) {
          assertEquals("0", StoreFixture.text(other, "SELECT count(*) FROM " + left), left);
        }
        assertEquals(
            "0",
            StoreFixture.text(other, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
      }
    }
  }

  @Test
  void aFlushAtWorkOnALostConnectionIsOverBeforeItIsSentAgain() throws Exception {
    NodeRef me = nodes.join("n", "1");
    Lane lane = db.jobs().lane("f", "default");
    UUID id = Flushes.id();
    Flush flush = new Flushes().keyed(id, lane, "l").build();
    String atWork =
        "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '%s'"
            .formatted(Sessions.name("reseolio", me.id()));
    try (Connection blocker = direct.application();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("LOCK TABLE reseolio.job_key IN ACCESS EXCLUSIVE MODE");
      CompletableFuture<StoreException> lost =
          CompletableFuture.supplyAsync(
              () -> assertThrows(StoreException.class, () -> writer.flush(me, flush)));
      String first = awaitText(atWork, "null");
      writer.reset();
      assertEquals(StoreException.Kind.UNAVAILABLE, lost.get().kind());
      CompletableFuture<Void> resent =
          CompletableFuture.runAsync(() -> writer.flush(me, Flushes.again(flush)));
      assertTrue(!awaitText(atWork, first, "null").contains(first), "the old one has ended");
      blocker.rollback();
      resent.get();
    }
    assertEquals("1", direct.text("SELECT count(*) FROM job WHERE id = '%s'".formatted(id)));
  }

  private String awaitText(String sql, String... not) {
    while (true) {
      String now = String.valueOf(direct.text(sql));
      if (!List.of(not).contains(now)) {
        return now;
      }
      Thread.onSpinWait();
    }
  }

  /// A pooler may hold a flush while its connection is lost and the flush sent again by another.
  @Test
  void aFlushThatComesAfterItsSuccessorIsRefused() throws Exception {
    NodeRef me = nodes.join("n", "1");
    Lane lane = db.jobs().lane("f", "default");
    writer.flush(me, new Flushes().adopt().build());
    writer.reset();
    writer.flush(me, new Flushes().adopt().build());
    FlushStatement late =
        new FlushStatement(
            new Pass(me, 0, db.store.connections().timeline().current()),
            new Flushes().leased(Flushes.id(), lane).build(),
            false);
    try (Connection by = db.store.connections().openDedicated("writer");
        PreparedStatement sql = by.prepareStatement(FlushStatement.sql(late.parts()))) {
      late.bind(new Binder(sql));
      assertEquals("RS001", assertThrows(SQLException.class, sql::execute).getSQLState());
    }
    assertEquals("0", direct.text("SELECT count(*) FROM job"));
  }

  @Test
  void aFlushFindsOutThatTheDatabaseFailedOverBehindThePooler() {
    NodeRef me = nodes.join("n", "1");
    int now = db.store.connections().timeline().current();
    String fence = "SELECT fence(%d, '%s', 0, %d)".formatted(me.id(), me.token(), now);
    db.text(fence);
    StoreException failedOver =
        assertThrows(
            StoreException.class, () -> db.text(fence.replace(now + ")", (now + 7) + ")")));
    assertEquals(StoreException.Kind.FENCED, failedOver.kind());
  }

  @Test
  void aFlushSentByHalfBlocksNoTakeOverForLong() throws Exception {
    NodeRef victim = nodes.join("n", "1");
    PostgresNodes others = new PostgresNodes(direct.store.connections());
    NodeRef me = others.join("o", "1");
    try (Connection frozen = db.store.connections().openDedicated("writer")) {
      Sessions.nameAfter(frozen, "reseolio", victim.id());
      frozen.setAutoCommit(false);
      try (Statement statement = frozen.createStatement()) {
        statement.execute("SELECT fence(%d, '%s', 0, 0)".formatted(victim.id(), victim.token()));
        long start = System.nanoTime();
        assertTrue(others.takeOver(me, victim.id(), 5));
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        assertTrue(millis < 3000, "took " + millis + " ms");
        assertThrows(SQLException.class, frozen::commit);
      }
    }
    others.close();
  }

  @Test
  void aDayThatIsOverGoes() {
    UUID gone = PostgresMaintenanceTest.old(db, 9);
    assertEquals(1, db.store.maintenance().prune(Duration.ofDays(7)));
    assertTrue(db.jobs().find(gone).isEmpty());
    for (String parent : List.of("job", "done", "attempt", "step")) {
      assertEquals(
          "5",
          direct.text(
              "SELECT count(*) FROM pg_inherits WHERE inhparent = '%s'::regclass"
                  .formatted(parent)));
    }
    assertEquals(0, db.store.maintenance().prune(Duration.ofDays(7)));
  }

  @Test
  void aReaderDelaysADropAndTheNextRunFinishesIt() throws Exception {
    UUID gone = PostgresMaintenanceTest.old(db, 9);
    try (Connection reader = direct.application();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("SELECT count(*) FROM reseolio.job");
      assertEquals(0, db.store.maintenance().prune(Duration.ofDays(7)));
      assertTrue(db.jobs().find(db.pending("f")).isPresent());
      reader.rollback();
    }
    db.store.maintenance().prune(Duration.ofDays(7));
    assertTrue(db.jobs().find(gone).isEmpty());
    assertEquals(
        "5", direct.text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'job'::regclass"));
  }

  @Test
  void whatAPoolerRefusesAtTheLoginComesWithItsCure() {
    StorageStartException refused =
        assertThrows(
            StorageStartException.class,
            () -> new StoreFixture(pooler.url() + "?options=-c%20jit%3Doff"));
    assertTrue(refused.toString().contains("ignore_startup_parameters"), refused.toString());
  }

  @Test
  void transactionsOfAnotherIsolationAreRefusedWithACure() throws Exception {
    TestPostgres.superuser(
        "ALTER DATABASE %s SET default_transaction_isolation = 'serializable'"
            .formatted(direct.database));
    try (PgBouncer other = new PgBouncer(url, SESSIONS)) {
      StorageStartException refused =
          assertThrows(StorageStartException.class, () -> new StoreFixture(other.url()));
      assertTrue(refused.toString().contains("ALTER ROLE"), refused.toString());
    }
  }
}
