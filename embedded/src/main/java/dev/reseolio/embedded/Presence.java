package dev.reseolio.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/// One idle connection per process that uses the server. While it is open nobody else stops the
/// server; it is opened and closed under the lock of the data directory.
record Presence(Connection connection, Postmaster server) implements AutoCloseable {
  static final String NAME = "reseolio-embedded";
  private static final Duration LINGER = Duration.ofMillis(500);
  private static final Duration POLL = Duration.ofMillis(10);

  private static final String OTHERS =
      """
      SELECT count(*)
        FROM pg_stat_activity
       WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()
      """;

  static Presence connect(Postmaster server, String password) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", Cluster.USER);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", NAME);
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("tcpKeepAlive", "true");
    var url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres";
    return new Presence(DriverManager.getConnection(url, properties), server);
  }

  int port() {
    return server.port();
  }

  long pid() {
    return server.pid();
  }

  /// Creates the database when it is missing.
  void ensureDatabase() throws SQLException {
    try (var find = connection.prepareStatement("SELECT 1 FROM pg_database WHERE datname = ?")) {
      find.setString(1, Cluster.DATABASE);
      try (var found = find.executeQuery()) {
        if (found.next()) {
          return;
        }
      }
    }
    try (var create = connection.createStatement()) {
      create.execute("CREATE DATABASE reseolio");
    }
  }

  /// True when this process is the only one connected. Others get half a second, ours like any: a
  /// connection just closed takes a moment to disappear, and whoever took that ghost for company
  /// would leave the server running for ever.
  boolean alone() throws SQLException {
    var deadline = System.nanoTime() + LINGER.toNanos();
    var others = others();
    while (others > 0 && System.nanoTime() - deadline < 0) {
      pause();
      others = others();
    }
    return others == 0;
  }

  private int others() throws SQLException {
    try (var count = connection.prepareStatement(OTHERS);
        var row = count.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedPostgresException("Interrupted while waiting for PostgreSQL", e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // A connection that cannot be closed is gone already, which is what was wanted.
    }
  }
}
