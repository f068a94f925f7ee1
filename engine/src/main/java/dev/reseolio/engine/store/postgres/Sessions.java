package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Marks database sessions with the node they belong to, so that other nodes can see and end them.
final class Sessions {
  private static final int MAX_APPLICATION_NAME = 63;

  /// The name as well: on another server the same number is another session.
  private static final String END =
      "SELECT pg_terminate_backend(pid, 3000) FROM pg_stat_activity WHERE application_name = ? AND pid = ?";

  private static final String END_NAMED =
      "SELECT pg_terminate_backend(pid, 3000) FROM pg_stat_activity WHERE application_name = ? AND pid <> pg_backend_pid()";
  private static final String AT_WORK =
      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = ? AND pid = ? AND wait_event IS DISTINCT FROM 'ClientRead')";
  private static final String NAME = "SELECT set_config('application_name', ${name}, ${local})";

  private Sessions() {}

  /// What `application_name` of a node's own sessions starts with, cut as PostgreSQL cuts it.
  static String name(String schema, int node) {
    String name = "reseolio:node:" + node + ":" + schema;
    return name.substring(0, Math.min(name.length(), MAX_APPLICATION_NAME));
  }

  /// Behind a pooler the name is that of each transaction, for as long as it lasts: the session
  /// serves others in between.
  static void nameAfter(Connection connection, String schema, int node) throws SQLException {
    Session.set(connection, NAME.replace("${name}", Session.literal(name(schema, node))));
  }

  /// Ends a session of a node, with whatever it is at work on, and waits until it has gone. Behind
  /// a pooler the numbers of its sessions are not known: it is whichever bears the name now.
  static void end(Connection by, String name, int pid) throws SQLException {
    boolean pooled = Pooled.is(by);
    try (PreparedStatement end = by.prepareStatement(pooled ? END_NAMED : END)) {
      Binder binder = new Binder(end).set(name);
      if (!pooled) {
        binder.set(pid);
      }
      try (ResultSet row = end.executeQuery()) {
        while (row.next()) {
          if (!row.getBoolean(1)) {
            throw new SQLException("the session of a lost connection does not end", "08006");
          }
        }
      }
    }
  }

  /// False when the session is gone, or has nothing to do until its client says more.
  static boolean isAtWork(Connection by, String name, int pid) throws SQLException {
    try (PreparedStatement ask = by.prepareStatement(AT_WORK)) {
      new Binder(ask).set(name).set(pid);
      try (ResultSet row = ask.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /// The server's own number of a session. A pooler tells the driver another one.
  static int backend(Connection connection) throws SQLException {
    try (PreparedStatement ask = connection.prepareStatement("SELECT pg_backend_pid()");
        var row = ask.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /// Closes the socket without a word to the server; unblocks whoever waits on it.
  static void abort(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException gone) {
        // It is being thrown away: nothing is left to do about it.
      }
    }
  }
}
