package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/// The settings of a session, sent right after connecting. Behind a pooler a session is not ours:
/// there they are settings of each transaction, see [Pooled].
///
/// The planner settings pin the plans: tables that are nearly empty but full of dead rows must be
/// read by index, and in the order of the index, whatever the statistics say. After an ANALYZE that
/// found `ready` empty, claims otherwise fetched and sorted the whole backlog to take its first
/// rows.
final class Session {
  /// `${local}`: for this transaction only.
  private static final String PINNED =
      """
      SELECT set_config('search_path', ${path}, ${local}),
             set_config('enable_seqscan', 'off', ${local}),
             set_config('enable_bitmapscan', 'off', ${local}),
             set_config('enable_sort', 'off', ${local}),
             set_config('enable_hashjoin', 'off', ${local}),
             set_config('enable_mergejoin', 'off', ${local}),
             set_config('max_parallel_workers_per_gather', '0', ${local}),
             set_config('jit', 'off', ${local}),
             set_config('plan_cache_mode', 'force_generic_plan', ${local}),
             set_config('idle_in_transaction_session_timeout', '10s', ${local})\
      """;

  /// The way to the server. Behind a pooler it is the pooler's, and this has no effect.
  private static final String WAY =
      """
      SELECT set_config('default_transaction_isolation', 'read committed', ${local}),
             set_config('tcp_keepalives_idle', '1', ${local}),
             set_config('tcp_keepalives_interval', '1', ${local}),
             set_config('tcp_keepalives_count', '2', ${local}),
             set_config('tcp_user_timeout', '3000', ${local})\
      """;

  /// Let the server notice a vanished client while it works. Some platforms and services refuse it.
  private static final String WANTED =
      "SELECT set_config('client_connection_check_interval', '1s', ${local})";

  /// The driver was told another number at the login when a pooler is in between.
  private static final String THROUGH_A_POOLER = "pg_backend_pid() <> ${key}";

  private static final String WHO =
      "SELECT pg_backend_pid(), current_setting('transaction_isolation')";

  /// A standby has none of its own.
  private static final String TIMELINE =
      "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END";

  private Session() {}

  /// What a new connection tells.
  ///
  /// @param pooled a pooler is in between: the server's session is another one in each transaction
  /// @param timeline the server's; 0 when it does not tell
  record Told(boolean pooled, int timeline) {}

  /// Applies the settings, in one round trip where the server takes all of them. Behind a pooler
  /// they are of this transaction, and so leave nothing behind.
  static Told prepare(Connection connection, String schema) throws SQLException {
    int key = connection.unwrap(PGConnection.class).getBackendPID();
    String needed = local(pinned(schema) + ";" + WAY, THROUGH_A_POOLER.replace("${key}", "" + key));
    String wanted = local(WANTED, THROUGH_A_POOLER.replace("${key}", "" + key));
    try (Statement statement = connection.createStatement()) {
      try {
        statement.execute(needed + ";" + wanted + ";" + WHO + ";" + TIMELINE);
        boolean pooled = pooled(statement, 3, key);
        return new Told(pooled, number(statement));
      } catch (SQLException refused) {
        if (SqlErrors.broken(connection, refused)) {
          throw refused;
        }
      }
      statement.execute(needed + ";" + WHO);
      return new Told(pooled(statement, 2, key), timeline(connection, statement));
    }
  }

  /// Reads what came after so many results, and leaves the next one to be read.
  private static boolean pooled(Statement statement, int after, int key) throws SQLException {
    for (int i = 0; i < after; i++) {
      statement.getMoreResults();
    }
    try (ResultSet row = statement.getResultSet()) {
      row.next();
      boolean pooled = row.getInt(1) != key;
      if (pooled && !row.getString(2).equals("read committed")) {
        throw new SQLException(
            "transactions are %s there, but must be read committed; behind a connection pooler the role has to say so: ALTER ROLE … SET default_transaction_isolation = 'read committed'"
                .formatted(row.getString(2)),
            Pooled.UNFIT);
      }
      statement.getMoreResults();
      return pooled;
    }
  }

  private static int timeline(Connection connection, Statement statement) throws SQLException {
    try {
      statement.execute(TIMELINE);
      return number(statement);
    } catch (SQLException refused) {
      if (SqlErrors.broken(connection, refused)) {
        throw refused;
      }
      return Timeline.UNKNOWN; // Some services have none.
    }
  }

  private static int number(Statement statement) throws SQLException {
    try (ResultSet row = statement.getResultSet()) {
      return row != null && row.next() ? row.getInt(1) : Timeline.UNKNOWN;
    }
  }

  /// Settings of one transaction.
  static String ofTransaction(String schema) {
    return local(pinned(schema), "true");
  }

  /// The server's timeline, as a statement of its own.
  static String askTimeline() {
    return TIMELINE;
  }

  /// Changes settings of the session, or behind a pooler of all its transactions from here on.
  ///
  /// @param settings a SELECT of `set_config(…, ${local})`
  static void set(Connection connection, String settings) throws SQLException {
    if (Pooled.is(connection)) {
      connection.unwrap(Pooled.class).add(local(settings, "true"));
    } else {
      try (Statement statement = connection.createStatement()) {
        statement.execute(local(settings, "false"));
      }
    }
  }

  private static String pinned(String schema) {
    return PINNED.replace("${path}", "quote_ident(" + literal(schema) + ")");
  }

  private static String local(String settings, String local) {
    return settings.replace("${local}", local);
  }

  /// Puts the quoted schema where a text says `${schema}`.
  static String named(String sql, String schema) {
    return sql.replace("${schema}", quote(schema));
  }

  /// An identifier as SQL takes it.
  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /// A text as SQL takes it.
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
