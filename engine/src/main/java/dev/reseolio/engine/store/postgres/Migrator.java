package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Brings the schema to the version of this program. Several programs may do it at once: each step
/// is one transaction behind one advisory lock. A step that cannot have its table locks soon gives
/// way and tries again, so it never holds up a live application. When nothing is to do, it is one
/// query.
final class Migrator {
  private static final int TRIES = 10;
  private static final String APPLIED =
      """
      SELECT version, name, checksum FROM migration
      """;
  private static final String LOCK =
      """
      SELECT pg_advisory_xact_lock(hashtextextended('reseolio migration ' || ?, 0))
      """;
  private static final String SCHEMA_EXISTS =
      """
      SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?), EXISTS (SELECT FROM pg_tables WHERE schemaname = ? AND tablename = 'migration')
      """;
  private static final String CREATE_SCHEMA =
      """
      CREATE SCHEMA ${schema}
      """;
  private static final String CREATE_TABLE =
      """
      CREATE TABLE migration (
        version    int PRIMARY KEY CHECK (version > 0),
        name       text NOT NULL,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )
      """;
  private static final String RECORD =
      """
      INSERT INTO migration (version, name, checksum) VALUES (?, ?, ?)
      """;

  private final Connection connection;
  private final String schema;
  private final List<Migration> known;

  Migrator(Connection connection, String schema, List<Migration> known) {
    this.connection = connection;
    this.schema = schema;
    this.known = known;
  }

  /// What the database says it has.
  private record Applied(String name, String checksum) {}

  /// Applies what is missing. Returns how many steps that were.
  ///
  /// @throws StorageStartException `schema_too_new`, `schema_changed`
  int migrate() throws SQLException {
    int steps = 0;
    while (!current()) {
      steps += step();
    }
    return steps;
  }

  private boolean current() throws SQLException {
    try {
      return next(applied()) == null;
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private Map<Integer, Applied> applied() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(APPLIED)) {
      Map<Integer, Applied> applied = new TreeMap<>();
      while (row.next()) {
        applied.put(row.getInt(1), new Applied(row.getString(2), row.getString(3)));
      }
      return applied;
    }
  }

  /// The first step that is missing; null when none is.
  private @Nullable Migration next(Map<Integer, Applied> applied) {
    int newest = applied.keySet().stream().mapToInt(v -> v).max().orElse(0);
    if (newest > known.size()) {
      throw tooNew(newest);
    }
    for (Migration migration : known) {
      Applied before = applied.get(migration.version());
      if (before == null) {
        return migration;
      }
      if (!before.checksum().equals(migration.checksum())) {
        throw changed(migration, before);
      }
    }
    return null;
  }

  private int step() throws SQLException {
    for (int tried = 1; ; tried++) {
      try {
        return Connections.transaction(connection, c -> locked());
      } catch (SQLException e) {
        if (SqlErrors.kind(e) != Kind.TRANSIENT || tried == TRIES) {
          throw e;
        }
        pause(tried);
      }
    }
  }

  private int locked() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("SET LOCAL lock_timeout = '60s'");
      lock();
      statement.execute("SET LOCAL lock_timeout = '1s'");
      ensureSchema(statement);
      Migration next = next(applied());
      if (next == null) {
        return 0;
      }
      statement.execute(Session.named(next.sql(), schema));
      record(next);
      return 1;
    }
  }

  private void lock() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setString(1, schema);
      statement.execute();
    }
  }

  private void ensureSchema(Statement statement) throws SQLException {
    boolean schemaThere;
    boolean tableThere;
    try (PreparedStatement look = connection.prepareStatement(SCHEMA_EXISTS)) {
      look.setString(1, schema);
      look.setString(2, schema);
      try (ResultSet row = look.executeQuery()) {
        row.next();
        schemaThere = row.getBoolean(1);
        tableThere = row.getBoolean(2);
      }
    }
    if (!schemaThere) {
      statement.execute(Session.named(CREATE_SCHEMA, schema));
    }
    if (!tableThere) {
      statement.execute(CREATE_TABLE);
    }
  }

  private void record(Migration migration) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RECORD)) {
      statement.setInt(1, migration.version());
      statement.setString(2, migration.name());
      statement.setString(3, migration.checksum());
      statement.execute();
    }
  }

  private static void pause(int tried) throws SQLException {
    try {
      Thread.sleep(50L * tried);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for a migration", "57014", e);
    }
  }

  private StorageStartException tooNew(int newest) {
    return new StorageStartException(
        Reason.SCHEMA_TOO_NEW,
        "schema %s is at version %d, this reseolio knows up to %d: use a newer reseolio"
            .formatted(schema, newest, known.size()),
        null);
  }

  private StorageStartException changed(Migration here, Applied there) {
    return new StorageStartException(
        Reason.SCHEMA_CHANGED,
        "schema %s was made by another %s (checksum %s) than this reseolio has (%s): use the release that made it, or a fresh schema"
            .formatted(schema, there.name(), there.checksum(), here.checksum()),
        null);
  }
}
