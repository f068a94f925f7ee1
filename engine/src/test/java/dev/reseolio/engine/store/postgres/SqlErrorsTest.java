package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Errors as the server and the driver really make them.
class SqlErrorsTest {
  private static final StoreFixture DB = new StoreFixture();

  @AfterAll
  static void close() {
    DB.close();
  }

  private static StoreException failure(String sql) {
    StoreException failure = assertThrows(StoreException.class, () -> DB.execute(sql));
    assertFalse(String.valueOf(failure.getMessage()).contains("secret"), failure.getMessage());
    return failure;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT fence(0, gen_random_uuid())                                             | FENCED   | RS001
          SELECT 'secret'::int                                     | REJECTED | 22P02
          INSERT INTO function (name) VALUES ('')                                        | REJECTED | 23514
          INSERT INTO migration (version, name, checksum) VALUES (1, 'secret', 'secret') | REJECTED | 23505
          SELECT secret                                                                  | REJECTED | 42703
          SELEC secret                                                                   | REJECTED | 42601
          SET LOCAL transaction_read_only = on; INSERT INTO function (name) VALUES ('secret')                 | TRANSIENT | 25006
          SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)                           | TRANSIENT | 57014
          SELECT pg_terminate_backend(pg_backend_pid())                                  | UNAVAILABLE | 57P01
          """)
  void areSortedByWhatHelps(String sql, Kind kind, String state) {
    StoreException failure = failure(sql);
    assertEquals(kind, failure.kind());
    assertTrue(String.valueOf(failure.getMessage()).contains(state), failure.getMessage());
  }

  @Test
  void aConstraintIsNamed() {
    String message =
        String.valueOf(failure("INSERT INTO function (name) VALUES ('')").getMessage());
    assertEquals(
        "database (SQLSTATE 23514): refused, constraint function_name_check, table function, raised in ExecConstraints",
        message);
  }

  @Test
  void waitingTooLongForALockPasses() throws SQLException {
    try (Connection other = DB.application();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE reseolio.ready IN ACCESS EXCLUSIVE MODE");
      StoreException failure =
          assertThrows(
              StoreException.class,
              () -> DB.execute("SET LOCAL lock_timeout = 10; DELETE FROM ready"));
      assertEquals(Kind.TRANSIENT, failure.kind());
    }
  }

  @Test
  void aClosedConnectionAndAClosedPoolAreUnavailable() throws SQLException {
    Connection closed = DB.application();
    closed.close();
    SQLException error = assertThrows(SQLException.class, closed::createStatement);
    assertEquals(Kind.UNAVAILABLE, SqlErrors.kind(error));

    Connections connections = new Connections(PostgresUrl.parse(DB.url), "reseolio", 1);
    connections.close();
    StoreException failure = assertThrows(StoreException.class, () -> connections.with(c -> true));
    assertEquals(Kind.UNAVAILABLE, failure.kind());
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() {
    try (Connections nowhere =
        new Connections(PostgresUrl.parse("postgres://u@127.0.0.1:1/db"), "reseolio", 1)) {
      StoreException failure =
          assertThrows(StoreException.class, () -> nowhere.openDedicated("writer"));
      assertEquals(Kind.UNAVAILABLE, failure.kind());
    }
  }
}
