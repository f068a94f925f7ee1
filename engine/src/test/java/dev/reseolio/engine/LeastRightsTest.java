package dev.reseolio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.engine.store.postgres.PostgresUrl;
import dev.reseolio.engine.store.postgres.TestPostgres;
import dev.reseolio.engine.store.postgres.TestStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// docs/operate/roles.sql as a stranger would run it: what each role may do, and what it may not.
@Timeout(60)
class LeastRightsTest {
  private static final Path SCRIPT = Path.of("..", "docs", "operate", "roles.sql");
  private static final String DENIED = "42501";
  private static final String DAYS = "SELECT count(*) FROM pg_class WHERE relname LIKE '%20010203'";
  private static final String URL = TestPostgres.newDatabase();
  private static final EngineFixture FIXTURE = prepared();

  private static EngineFixture prepared() {
    try {
      String script = Files.readString(SCRIPT);
      as("postgres", script);
      PostgresStore.open(PostgresUrl.parse(url("reseolio_owner")), "reseolio", 1).close();
      as("postgres", script);
      return new EngineFixture(new TestStore(URL));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeAll
  static void start() {
    FIXTURE.start(EngineFixture.CONFIG, url("reseolio_engine"));
  }

  @AfterAll
  static void stop() {
    FIXTURE.close();
  }

  private static String url(String role) {
    return URL.replace("postgres@", role + "@");
  }

  private static Connection connect(String role) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + URL.replace("postgres://postgres@", "postgresql://") + "?user=" + role);
  }

  /// The first column of the first row of the last result, if there is one.
  private static String as(String role, String sql) throws SQLException {
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement()) {
      boolean rows = statement.execute(sql);
      if (!rows) {
        return "";
      }
      try (ResultSet row = statement.getResultSet()) {
        return row.next() ? String.valueOf(row.getString(1)) : "";
      }
    }
  }

  private static void denied(String role, String sql) {
    var refused = assertThrows(SQLException.class, () -> as(role, sql), () -> role + ": " + sql);
    assertEquals(DENIED, refused.getSQLState(), () -> role + ": " + refused.getMessage());
  }

  @Test
  void theEngineRunsJobsMakesPartitionsAndDropsThem() throws Exception {
    Engine engine = FIXTURE.start(EngineFixture.CONFIG, url("reseolio_engine"));
    FakeWorker.answering(engine, 1, run -> FakeWorker.succeeded("1"), "rights:run");
    UUID id = EngineFixture.enqueue(engine, EngineFixture.job("rights:run"));
    assertEquals(JobStatus.SUCCEEDED, EngineFixture.result(engine, id).status());
    as("reseolio_engine", "SET search_path = reseolio; SELECT add_partition('job', '2001-02-03')");
    as("reseolio_engine", "SET search_path = reseolio; SELECT add_partition('done', '2001-02-03')");
    try (var store = FIXTURE.db.open(url("reseolio_engine"))) {
      EngineFixture.await( // One prunes at a time, and the engine does when it starts.
          "both days are dropped",
          () -> {
            store.maintenance().prune(Duration.ofDays(7));
            return FIXTURE.db.number(DAYS) == 0;
          });
    }
  }

  @Test
  void theEngineEndsSessionsOfItsOwnRoleOnly() throws Exception {
    String end = "SELECT pg_terminate_backend(%s)";
    try (Connection same = connect("reseolio_engine");
        Connection other = connect("reseolio_owner")) {
      assertEquals("t", as("reseolio_engine", end.formatted(pid(same))));
      denied("reseolio_dashboard", end.formatted(pid(other)));
    }
  }

  private static String pid(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  @Test
  void anApplicationEnqueuesAndCancelsInItsOwnTransaction() throws Exception {
    String id =
        as(
            "reseolio_app",
            "SELECT reseolio.enqueue('rights:app', '[1]'::jsonb, '{\"idempotencyKey\": \"k\"}')");
    assertEquals("1", as("postgres", "SELECT count(*) FROM reseolio.job WHERE id = '" + id + "'"));
    assertEquals("cancelled", as("reseolio_app", "SELECT reseolio.cancel('" + id + "')"));
  }

  @Test
  void theDashboardReadsTheViewsAndStopsAfterFiveSeconds() throws Exception {
    for (String view : new String[] {"jobs", "attempts", "nodes"}) {
      assertTrue(
          Integer.parseInt(as("reseolio_dashboard", "SELECT count(*) FROM reseolio." + view)) >= 0);
    }
    assertEquals("5s", as("reseolio_dashboard", "SHOW statement_timeout"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1 FROM reseolio.job",
        "SELECT 1 FROM reseolio.jobs",
        "INSERT INTO reseolio.ready (lane, priority, id, attempt, failures, crashes) VALUES (1, 1, gen_random_uuid(), 1, 0, 0)",
        "DELETE FROM reseolio.done",
        "SELECT reseolio.add_partition('job', '2030-01-01')",
        "SELECT * FROM reseolio.cancel_job(gen_random_uuid())",
        "SELECT reseolio.fence(1, gen_random_uuid())",
        "CREATE TABLE reseolio.mine (x int)",
        "CREATE SCHEMA mine",
        "DROP SCHEMA reseolio CASCADE",
        "COPY (SELECT 1) TO PROGRAM 'true'"
      })
  void neitherAnApplicationNorTheDashboardMay(String sql) {
    denied("reseolio_app", sql);
    if (!sql.contains("reseolio.jobs")) {
      var refused = assertThrows(SQLException.class, () -> as("reseolio_dashboard", sql));
      assertTrue(refused.getSQLState().matches("42501|25006"), refused::getMessage);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT reseolio.enqueue('a', '1'::text)",
        "SELECT reseolio.enqueue('a', '1'::jsonb)",
        "SELECT reseolio.cancel(gen_random_uuid())",
        "SET default_transaction_read_only = off; SELECT reseolio.enqueue('a', '1'::text)"
      })
  void theDashboardMayCallNothing(String sql) {
    denied("reseolio_dashboard", sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE reseolio.ready ADD COLUMN x int",
        "DROP TABLE reseolio.node CASCADE",
        "DROP VIEW reseolio.jobs",
        "CREATE OR REPLACE FUNCTION reseolio.fence(me int, my_token uuid) RETURNS void LANGUAGE sql AS ''",
        "INSERT INTO reseolio.migration (version, name, checksum) VALUES (99, 'x', 'x')",
        "DROP SCHEMA reseolio CASCADE",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET ROLE reseolio_owner",
        "SELECT pg_read_file('/etc/passwd')"
      })
  void theEngineMayNot(String sql) {
    denied("reseolio_engine", sql);
  }
}
