package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MigratorTest {
  private final String url = TestPostgres.newDatabase();
  private final String database = url.substring(url.lastIndexOf('/') + 1);

  private PostgresStore open(String url) {
    return PostgresStore.open(PostgresUrl.parse(url), "reseolio", 2);
  }

  private Reason refused(String url) {
    StorageStartException refused =
        assertThrows(StorageStartException.class, () -> open(url).close());
    assertTrue(String.valueOf(refused.getMessage()).length() > 40);
    System.out.println(refused.reason().code() + ": " + refused.getMessage());
    return refused.reason();
  }

  private void sql(String sql) throws SQLException {
    try (Connection connection = TestPostgres.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void fourAtOnceMigrateOnce() throws Exception {
    List<Callable<Boolean>> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(() -> {
        open(url).close();
        return true;
      });
    }
    try (ExecutorService four = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> started : four.invokeAll(starts)) {
        assertTrue(started.get());
      }
    }
    try (Connection connection =
        new Connector(PostgresUrl.parse(url), "reseolio", () -> {}).open("test")) {
      assertEquals(
          0, new Migrator(connection, "reseolio", Migration.known()).migrate(), "nothing to do");
    }
  }

  @Test
  void stepsOfJobsThatAreThereHaveTheirPartitions() throws Exception {
    try (Connection connection =
        new Connector(PostgresUrl.parse(url), "reseolio", () -> {}).open("test")) {
      List<Migration> all = Migration.known();
      List<Migration> before = all.stream().takeWhile(m -> !m.name().contains("steps")).toList();
      new Migrator(connection, "reseolio", before).migrate();
      sql("SELECT reseolio.add_partition('job', current_date - n) FROM generate_series(1, 5) n");
      new Migrator(connection, "reseolio", all).migrate();
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT count(*) FROM pg_inherits WHERE inhparent = 'step'::regclass")) {
        row.next();
        assertEquals(5, row.getInt(1));
      }
    }
  }

  @Test
  void aNewerSchemaIsRefused() throws Exception {
    open(url).close();
    sql("INSERT INTO reseolio.migration VALUES (4711, 'V4711__later.sql', 'x')");
    assertEquals(Reason.SCHEMA_TOO_NEW, refused(url));
  }

  @Test
  void aChangedMigrationIsRefused() throws Exception {
    open(url).close();
    sql("UPDATE reseolio.migration SET checksum = 'other' WHERE version = 1");
    assertEquals(Reason.SCHEMA_CHANGED, refused(url));
  }

  @Test
  void aRoleWithoutRightsIsToldWhatToRun() throws Exception {
    sql("CREATE ROLE nobody_much LOGIN");
    try {
      assertEquals(Reason.STORAGE_NO_RIGHTS, refused(TestPostgres.url("nobody_much", database)));
    } finally {
      sql("DROP ROLE nobody_much");
    }
  }

  @Test
  void aReadOnlyDatabaseIsRefused() {
    TestPostgres.superuser(
        "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
    assertEquals(Reason.STORAGE_READ_ONLY, refused(url));
  }

  @Test
  void aMissingDatabaseAndAnUnknownRoleAreNamed() {
    assertEquals(Reason.STORAGE_DATABASE_MISSING, refused(TestPostgres.url("postgres", "absent")));
    assertEquals(Reason.STORAGE_AUTH_FAILED, refused(TestPostgres.url("absent", database)));
  }
}
