package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.store.JobView;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// What an application and a person with psql can do.
class SqlEdgeTest {
  private static final StoreFixture DB = new StoreFixture();

  @AfterAll
  static void close() {
    DB.close();
  }

  private static UUID enqueue(Connection connection, String arguments) throws SQLException {
    return UUID.fromString(
        String.valueOf(
            StoreFixture.text(connection, "SELECT reseolio.enqueue(" + arguments + ")")));
  }

  @Test
  void aJobExistsWhenItsTransactionCommits() throws SQLException {
    try (Connection application = DB.application()) {
      application.setAutoCommit(false);
      UUID lost = enqueue(application, "'tx:lost', '{}'");
      application.rollback();
      assertTrue(DB.jobs().find(lost).isEmpty());

      UUID kept = enqueue(application, "'tx:kept', jsonb_build_object('a', 1), '{\"priority\":1}'");
      assertTrue(DB.jobs().find(kept).isEmpty());
      application.commit();
      JobView view = DB.jobs().find(kept).orElseThrow();
      assertEquals(JobStatus.PENDING, view.status());
      assertEquals("{\"a\": 1}", StoreFixture.utf8(view.job().args()));
      assertEquals(1, view.job().priority());
      assertEquals(3, view.job().policy().maxAttempts());
    }
  }

  @Test
  void nodesAreRungAtTheCommitByOneTransactionAtATime() throws SQLException {
    try (Connection node = DB.application();
        Connection first = DB.application();
        Connection second = DB.application();
        Statement listen = node.createStatement()) {
      listen.execute("LISTEN \"reseolio:reseolio\"");
      first.setAutoCommit(false);
      enqueue(first, "'ring:one', '1'");
      enqueue(second, "'ring:two', '1'");
      assertEquals(List.of(), heard(node), "the bell was taken");
      first.commit();
      int lane = DB.jobs().lane("ring:one", "default").id();
      assertEquals(List.of("r " + lane), heard(node));
      enqueue(second, "'ring:two', '1'");
      assertEquals(1, heard(node).size());
    }
  }

  private static List<String> heard(Connection connection) throws SQLException {
    StoreFixture.text(connection, "SELECT 1");
    PGNotification[] heard = connection.unwrap(PGConnection.class).getNotifications();
    return heard == null
        ? List.of()
        : Arrays.stream(heard).map(PGNotification::getParameter).toList();
  }

  @Test
  void aKeyInUseReturnsItsJob() throws SQLException {
    try (Connection application = DB.application()) {
      UUID first = enqueue(application, "'key:f', '1', '{\"idempotencyKey\":\"k\"}'");
      assertEquals(first, enqueue(application, "'key:f', '2', '{\"idempotencyKey\":\"k\"}'"));
      assertNotEquals(first, enqueue(application, "'key:g', '2', '{\"idempotencyKey\":\"k\"}'"));
      DB.execute("UPDATE job_key SET expires_at = now() - interval '1 s'");
      assertNotEquals(first, enqueue(application, "'key:f', '2', '{\"idempotencyKey\":\"k\"}'"));
      assertEquals(
          "2",
          DB.text(
              "SELECT count(*) FROM job WHERE key = 'k' AND lane = "
                  + DB.jobs().lane("key:f", "default").id()));
    }
  }

  @Test
  void laterMeansTimerAndADeadlineIsKept() throws SQLException {
    try (Connection application = DB.application()) {
      UUID id =
          enqueue(
              application,
              "'later:f', '1', '{\"runAt\":\"2100-01-01T00:00:00Z\",\"deadlineMs\":3000000000000}'");
      assertEquals(JobStatus.SCHEDULED, DB.jobs().find(id).orElseThrow().status());
      assertEquals(id, DB.uuid("SELECT id FROM deadline WHERE id = '%s'".formatted(id)));
      UUID past = enqueue(application, "'later:f', '1', '{\"runAt\":\"2000-01-01T00:00:00Z\"}'");
      assertEquals(JobStatus.PENDING, DB.jobs().find(past).orElseThrow().status());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          '', '1'                                     | function must have 1 to 255 characters
          E'a\\u0007', '1'                            | no control characters
          'f', 'no json'                              | invalid input syntax for type json
          'f', '1', '[]'                              | options must be a JSON object
          'f', '1', '{"retries":3,"x":1}'             | unknown option x, retries; known are deadlineMs, delayMs
          'f', '1', '{"priority":12}'                 | priority must be a whole number, 0 to 9, but is 12
          'f', '1', '{"priority":1.5}'                | priority must be a whole number
          'f', '1', '{"priority":"1"}'                | priority must be a whole number, 0 to 9, but is "1"
          'f', '1', '{"queue":7}'                     | queue must be a text, but is 7
          'f', '1', '{"maxAttempts":0}'               | maxAttempts must be a whole number, 1 to 10000
          'f', '1', '{"delayMs":5,"runAt":"2100-01-01"}' | runAt or delayMs, not both
          'f', '1', '{"delayMs":9000,"deadlineMs":5}' | must be after the time the job is due
          'f', '1', '{"tags":"x"}'                    | tags must be an array
          'f', '1', '{"tags":["",""]}'                | tags must have 1 to 255 characters
          'f', '1', '{"idempotencyKey":""}'           | idempotencyKey must have 1 to 255 characters
          """)
  void mistakesAreNamed(String arguments, String why) throws SQLException {
    try (Connection application = DB.application()) {
      SQLException refused =
          assertThrows(SQLException.class, () -> enqueue(application, arguments));
      assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }
  }

  @Test
  void cancelFromSql() throws SQLException {
    try (Connection application = DB.application()) {
      UUID id = enqueue(application, "'cancel:f'");
      String cancel = "SELECT reseolio.cancel('%s')".formatted(id);
      assertEquals("cancelled", StoreFixture.text(application, cancel));
      assertEquals("cancelled", StoreFixture.text(application, cancel));
      assertEquals(
          "null",
          String.valueOf(
              StoreFixture.text(application, "SELECT reseolio.cancel(gen_random_uuid())")));
      UUID runs = enqueue(application, "'cancel:f'");
      DB.claim(runs, 7);
      assertEquals(
          "running",
          StoreFixture.text(application, "SELECT reseolio.cancel('%s')".formatted(runs)));
    }
  }

  @Test
  void viewsForPeople() throws SQLException {
    UUID id = DB.pending("view:f");
    DB.claim(id, 7);
    DB.bury(id);
    DB.jobs().retry(id);
    DB.execute("INSERT INTO node (token, name, version) VALUES (gen_random_uuid(), 'n1', '1')");
    try (Connection person = DB.application()) {
      assertEquals(
          "pending {\"a\":1} view:f 2",
          StoreFixture.text(
              person,
              "SELECT concat_ws(' ', status, args, function, attempt) FROM reseolio.jobs WHERE id = '%s'"
                  .formatted(id)));
      assertEquals(
          "failed Boom",
          StoreFixture.text(
              person,
              "SELECT concat_ws(' ', outcome, error_type) FROM reseolio.attempts WHERE job = '%s'"
                  .formatted(id)));
      assertEquals(
          "live", StoreFixture.text(person, "SELECT state FROM reseolio.nodes WHERE name = 'n1'"));
      assertEquals(
          "<2 bytes>", StoreFixture.text(person, "SELECT reseolio.readable('\\xff00', NULL)"));
      assertEquals(
          "<1 bytes of image/png>",
          StoreFixture.text(person, "SELECT reseolio.readable('\\xff', 'image/png')"));
      assertFalse(
          String.valueOf(StoreFixture.text(person, "SELECT count(*) FROM reseolio.jobs"))
              .isEmpty());
    }
  }
}
