package dev.reseolio.engine.store.postgres;

import dev.reseolio.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// One PostgreSQL server per JVM, stopped at its end: the embedded one, or that of the bin
/// directory in property `reseolio.test.postgres`. Everybody on this machine may enter, and
/// `postgres` is a superuser. No fsync: no test here is about durability.
public final class TestPostgres {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final String OTHERS =
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename = 'postgres'
      """;
  private static final TestPostgres SERVER = start();

  private final Path folder;
  private final EmbeddedPostgres server;

  private TestPostgres(Path folder) {
    this.folder = folder;
    this.server = start(folder);
  }

  /// URL of a new, empty database.
  public static String newDatabase() {
    String name = "test" + NAMES.incrementAndGet();
    superuser("CREATE DATABASE " + name);
    return url("postgres", name);
  }

  static String url(String user, String database) {
    return "postgres://%s@127.0.0.1:%d/%s".formatted(user, port(), database);
  }

  static int port() {
    return SERVER.server.port();
  }

  /// Runs a statement as superuser in the database `postgres`.
  static void superuser(String sql) {
    SERVER.run(sql);
  }

  /// A plain connection as superuser, as an application would have it.
  static Connection connect(String database) throws SQLException {
    return SERVER.connectTo(database);
  }

  private static TestPostgres start() {
    try {
      TestPostgres fresh = new TestPostgres(Files.createTempDirectory("reseolio-test-pg"));
      Runtime.getRuntime().addShutdownHook(new Thread(fresh::close));
      fresh.letEverybodyIn();
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static EmbeddedPostgres start(Path folder) {
    return builder(folder).setting("max_connections", "60").start();
  }

  /// A server as the tests use it, for those that need one of their own.
  static EmbeddedPostgres.Builder builder(Path folder) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder(folder)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("wal_level", "minimal")
            .setting("max_wal_senders", "0");
    String bin = System.getProperty("reseolio.test.postgres", "");
    return bin.isEmpty() ? builder : builder.binaries(Path.of(bin));
  }

  private Connection connectTo(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(server.port(), database));
  }

  private void run(String sql) {
    try (Connection connection = connectTo("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private void letEverybodyIn() throws IOException, SQLException {
    Files.writeString(folder.resolve("data/pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
    try (Connection owner = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = owner.createStatement()) {
      statement.execute("CREATE ROLE postgres SUPERUSER LOGIN");
      statement.execute("SELECT pg_reload_conf()"); // takes effect a moment later
    }
    long giveUp = System.nanoTime() + 10_000_000_000L;
    while (true) {
      try (Connection _ = connectTo("postgres")) {
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > giveUp) {
          throw e;
        }
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  /// A pool that a test left open would keep the server running.
  private void close() {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      run(OTHERS);
      server.close();
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.err.println("test server: " + e.getMessage());
    }
  }
}
