package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The settings of a session, sent right after connecting: unlike start-up options they pass
/// through pgbouncer (in session mode; in transaction mode give them to the role, see
/// docs/storage.md).
///
/// The planner settings pin the plans: tables that are nearly empty but full of dead rows must be
/// read by index, and in the order of the index, whatever the statistics say. After an ANALYZE that
/// found `ready` empty, claims otherwise fetched and sorted the whole backlog to take its first
/// rows.
final class Session {
  private static final String NEEDED =
      """
      SET search_path = ${schema};
      SET enable_seqscan = off;
      SET enable_bitmapscan = off;
      SET enable_sort = off;
      SET enable_hashjoin = off;
      SET enable_mergejoin = off;
      SET max_parallel_workers_per_gather = 0;
      SET jit = off;
      SET plan_cache_mode = force_generic_plan;
      SET default_transaction_isolation = 'read committed';
      SET idle_in_transaction_session_timeout = '10s';
      SET tcp_keepalives_idle = 1;
      SET tcp_keepalives_interval = 1;
      SET tcp_keepalives_count = 2;
      SET tcp_user_timeout = 3000
      """;

  /// Let the server notice a vanished client while it works. Some platforms and services refuse it.
  private static final String WANTED = "SET client_connection_check_interval = '1s'";

  /// A standby has none of its own.
  private static final String TIMELINE =
      "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END";

  private Session() {}

  /// Applies the settings, in one round trip where the server takes all of them.
  ///
  /// @return the server's timeline; 0 when it does not tell
  static int prepare(Connection connection, String schema) throws SQLException {
    String needed = named(NEEDED, schema);
    try (Statement statement = connection.createStatement()) {
      try {
        return lastNumber(statement, needed + ";" + WANTED + ";" + TIMELINE);
      } catch (SQLException refused) {
        if (SqlErrors.broken(connection, refused)) {
          throw refused;
        }
      }
      statement.execute(needed);
      return timeline(connection, statement);
    }
  }

  private static int timeline(Connection connection, Statement statement) throws SQLException {
    try {
      return lastNumber(statement, TIMELINE);
    } catch (SQLException refused) {
      if (SqlErrors.broken(connection, refused)) {
        throw refused;
      }
      return Timeline.UNKNOWN; // Some services have none.
    }
  }

  /// What the last of several statements says.
  private static int lastNumber(Statement statement, String sql) throws SQLException {
    boolean isRow = statement.execute(sql);
    while (!isRow && statement.getUpdateCount() >= 0) {
      isRow = statement.getMoreResults();
    }
    try (ResultSet row = statement.getResultSet()) {
      return row != null && row.next() ? row.getInt(1) : Timeline.UNKNOWN;
    }
  }

  /// Puts the quoted schema where a text says `${schema}`.
  static String named(String sql, String schema) {
    return sql.replace("${schema}", quote(schema));
  }

  /// An identifier as SQL takes it.
  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
