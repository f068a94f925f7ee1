package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.Jobs;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A store on a database of its own, and plain SQL beside it.
final class StoreFixture implements AutoCloseable {
  final String url;
  final String database;
  final PostgresStore store;

  StoreFixture() {
    this(TestPostgres.newDatabase());
  }

  StoreFixture(String url) {
    this.url = url;
    this.database = url.substring(url.lastIndexOf('/') + 1);
    this.store = PostgresStore.open(PostgresUrl.parse(url), "reseolio", 4);
  }

  Jobs jobs() {
    return store.jobs();
  }

  /// A connection as an application would have it, not in the schema.
  Connection application() throws SQLException {
    return TestPostgres.connect(database);
  }

  void execute(String sql) {
    store
        .connections()
        .with(connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
          }
        });
  }

  /// First column of the first row as text; null when there is none.
  @Nullable String text(String sql) {
    return store
        .connections()
        .with(connection -> Optional.ofNullable(text(connection, sql)))
        .orElse(null);
  }

  static @Nullable String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  UUID uuid(String sql) {
    return UUID.fromString(String.valueOf(text(sql)));
  }

  /// A job in `ready`.
  UUID pending(String function) {
    return uuid("SELECT enqueue('%s', '{\"a\":1}'::text)".formatted(function));
  }

  /// A job in `timer`.
  UUID scheduled(String function) {
    return uuid("SELECT enqueue('%s', '1'::text, '{\"delayMs\":3600000}')".formatted(function));
  }

  /// Does what a claim does.
  void claim(UUID id, int node) {
    execute(CLAIM.formatted(id, node));
  }

  static final String CLAIM =
      """
      WITH c AS (
        DELETE FROM reseolio.ready WHERE ctid = ANY (ARRAY(SELECT ctid FROM reseolio.ready WHERE id = '%s' FOR UPDATE SKIP LOCKED))
        RETURNING id, lane, attempt, failures, crashes)
      INSERT INTO reseolio.lease (id, lane, owner, attempt, failures, crashes) SELECT id, lane, %d, attempt, failures, crashes FROM c
      """;

  /// Does what a flush does with a dead job.
  void bury(UUID id) {
    execute(
        """
        WITH l AS (DELETE FROM lease WHERE id = '%s' RETURNING *)
        INSERT INTO done (id, lane, owner, status, attempt, failures, crashes, outcome, started_at, error_type, error_message)
        SELECT id, lane, owner, 6, attempt, failures + 1, crashes, 2, started_at, 'Boom', 'it broke' FROM l
        """
            .formatted(id));
  }

  /// Does what a flush does with a job that succeeds.
  void succeed(UUID id) {
    execute(
        """
        WITH l AS (DELETE FROM lease WHERE id = '%s' RETURNING *)
        INSERT INTO done (id, lane, owner, status, attempt, failures, crashes, outcome, started_at, result)
        SELECT id, lane, owner, 5, attempt, failures, crashes, 1, started_at, '42' FROM l
        """
            .formatted(id));
  }

  static String utf8(Payload payload) {
    return new String(payload.data(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    store.close();
  }
}
