package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
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

  private Session() {}

  /// Applies the settings, in one round trip where the server takes all of them.
  static void prepare(Connection connection, String schema) throws SQLException {
    String needed = named(NEEDED, schema);
    try (Statement statement = connection.createStatement()) {
      try {
        statement.execute(needed + ";" + WANTED);
      } catch (SQLException refused) {
        if (SqlErrors.broken(connection, refused)) {
          throw refused;
        }
        statement.execute(needed);
      }
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
