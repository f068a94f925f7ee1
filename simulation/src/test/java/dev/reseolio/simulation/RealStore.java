package dev.reseolio.simulation;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.engine.store.postgres.Connections;
import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.engine.store.postgres.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The store on a real PostgreSQL, and all its rows as lines.
final class RealStore implements AutoCloseable {
  private static final String DUMP =
      """
      SELECT concat_ws(' ', 'job', id, lane, coalesce(owner, 0)) FROM job UNION ALL
      SELECT concat_ws(' ', 'done', id, attempt || ',' || failures || ',' || crashes, lane, status, outcome, coalesce(owner, 0)) FROM done UNION ALL
      SELECT concat_ws(' ', 'attempt', job, attempt || ',' || failures || ',' || crashes, outcome, coalesce(owner, 0)) FROM attempt UNION ALL
      SELECT concat_ws(' ', 'step', job, key, attempt, owner) FROM step UNION ALL
      SELECT concat_ws(' ', 'ready', id, attempt || ',' || failures || ',' || crashes, lane, priority) FROM ready UNION ALL
      SELECT concat_ws(' ', 'timer', id, attempt || ',' || failures || ',' || crashes, lane, priority) FROM timer UNION ALL
      SELECT concat_ws(' ', 'lease', id, attempt || ',' || failures || ',' || crashes, lane, owner) FROM lease UNION ALL
      SELECT concat_ws(' ', 'deadline', id) FROM deadline UNION ALL
      SELECT concat_ws(' ', 'cancel', id) FROM cancel_request UNION ALL
      SELECT concat_ws(' ', 'key', id, function, key) FROM job_key UNION ALL
      SELECT concat_ws(' ', 'node', id, state) FROM node
      """;

  private static final String POSTPONE =
      """
      UPDATE timer SET run_at = run_at + ? * interval '1 millisecond'
      WHERE crashes >= 2 AND run_at < now() + ? * interval '1 millisecond'
      """;

  final PostgresStore store;
  private final Path folder;
  private final EmbeddedPostgres server;
  private final Connection outside;

  RealStore() throws IOException, SQLException {
    folder = Files.createTempDirectory("reseolio-differential");
    server = EmbeddedPostgres.builder(folder).setting("fsync", "off").start();
    store =
        PostgresStore.open(
            PostgresUrl.parse(server.url()), "reseolio", Connections.DEFAULT_POOL_SIZE);
    outside = DriverManager.getConnection(server.jdbcUrl());
    try (Statement path = outside.createStatement()) {
      path.execute("SET search_path = reseolio");
    }
  }

  List<String> dump() {
    try (Statement statement = outside.createStatement();
        ResultSet row = statement.executeQuery(DUMP)) {
      List<String> lines = new ArrayList<>();
      while (row.next()) {
        lines.add(row.getString(1));
      }
      return lines.stream().sorted().toList();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// As [dev.reseolio.simulation.database.Database#postponeSuspects].
  void postponeSuspects(Duration by) throws SQLException {
    try (PreparedStatement postpone = outside.prepareStatement(POSTPONE)) {
      postpone.setLong(1, by.toMillis());
      postpone.setLong(2, by.toMillis());
      postpone.executeUpdate();
    }
  }

  /// Everything but the schema.
  void empty() throws SQLException {
    try (Statement statement = outside.createStatement()) {
      statement.execute(
          "TRUNCATE job, done, attempt, step, ready, timer, lease, deadline, cancel_request, job_key, node_beat, node RESTART IDENTITY");
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    outside.close();
    store.close();
    server.close();
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }
}
