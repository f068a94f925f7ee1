package dev.reseolio.survival;

import dev.reseolio.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;

/// One PostgreSQL for all tests, fsync on; a database of its own for each.
final class Database {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Path DIR = folder();
  private static EmbeddedPostgres server = first();

  private final String name;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Database::end));
  }

  private Database(String name) {
    this.name = name;
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("reseolio-survival");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static EmbeddedPostgres first() {
    var started = EmbeddedPostgres.start(DIR, line -> {});
    Loopback.open(started, DIR);
    return started;
  }

  static Path logs() {
    return Path.of("target", "survival-logs").toAbsolutePath();
  }

  static synchronized Database create() throws SQLException {
    String name = "t" + COUNT.incrementAndGet();
    try (Connection sql = DriverManager.getConnection(server.jdbcUrl());
        var create = sql.createStatement()) {
      create.execute("CREATE DATABASE " + name);
    }
    return new Database(name);
  }

  static int port() {
    return server.port();
  }

  String url() {
    return url(server.port());
  }

  /// The same database through another address.
  String url(int port) {
    return server.url().replaceFirst("127\\.0\\.0\\.1:\\d+/.*$", "127.0.0.1:" + port + "/" + name);
  }

  String jdbcUrl() {
    return server.jdbcUrl().replaceFirst("/reseolio\\?", "/" + name + "?")
        + "&ApplicationName=ledger";
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl());
  }

  /// As `pg_ctl stop -m immediate` does it.
  static void kill() {
    Databases.kill(server);
  }

  /// Starts it again on its port; returns when it takes connections.
  static void restart() {
    int port = server.port();
    server = EmbeddedPostgres.start(DIR, line -> {});
    if (server.port() != port) {
      throw new AssertionError("PostgreSQL has moved from port " + port + " to " + server.port());
    }
  }

  private static void end() {
    kill();
    try (var files = Files.walk(DIR)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      System.err.println("left behind: " + DIR);
    }
  }
}
