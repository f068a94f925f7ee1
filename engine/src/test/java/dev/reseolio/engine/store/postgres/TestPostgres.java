package dev.reseolio.engine.store.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// One PostgreSQL server per JVM, stopped at its end. Property `reseolio.test.postgres` names the
/// bin directory; without it the newest under /usr/lib/postgresql is taken. No fsync: no test here
/// is about durability.
public final class TestPostgres implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final TestPostgres SERVER = start();

  private final Path bin;
  private final Path data;
  private final int port;

  private TestPostgres(Path bin, Path data, int port) {
    this.bin = bin;
    this.data = data;
    this.port = port;
  }

  /// URL of a new, empty database.
  public static String newDatabase() {
    String name = "test" + NAMES.incrementAndGet();
    superuser("CREATE DATABASE " + name);
    return url("postgres", name);
  }

  /// A server of its own, for a test that breaks it. The caller closes it.
  public static TestPostgres startOwn() {
    return start();
  }

  /// URL of its database `postgres`.
  public String url() {
    return "postgres://postgres@127.0.0.1:%d/postgres".formatted(port);
  }

  /// As after a crash: connections break, what was not committed is gone.
  public void restart() throws IOException {
    run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
    run("pg_ctl", "-D", data, "-w", "-l", data.resolveSibling("log"), "start");
  }

  @Override
  public void close() {
    stop(java.util.Objects.requireNonNull(data.getParent()));
  }

  static String url(String user, String database) {
    return "postgres://%s@127.0.0.1:%d/%s".formatted(user, SERVER.port, database);
  }

  static int port() {
    return SERVER.port;
  }

  /// Runs a statement as superuser in the database `postgres`.
  static void superuser(String sql) {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /// A plain connection as superuser, as an application would have it.
  static Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(SERVER.port, database));
  }

  private static TestPostgres start() {
    try {
      Path bin = bin();
      Path base = Files.createTempDirectory("reseolio-pg");
      TestPostgres server = new TestPostgres(bin, base.resolve("data"), freePort());
      server.own(base);
      server.run(
          "initdb",
          "-D",
          server.data,
          "-U",
          "postgres",
          "-A",
          "trust",
          "-N",
          "-E",
          "UTF8",
          "--locale=C");
      Files.writeString(
          server.data.resolve("postgresql.auto.conf"),
          """
          listen_addresses = '127.0.0.1'
          unix_socket_directories = ''
          fsync = off
          shared_buffers = 32MB
          max_connections = 60
          wal_level = minimal
          max_wal_senders = 0
          """
              + "port = "
              + server.port
              + "\n");
      server.run("pg_ctl", "-D", server.data, "-w", "-l", base.resolve("log"), "start");
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path bin() throws IOException {
    String named = System.getProperty("reseolio.test.postgres", "");
    if (!named.isEmpty()) {
      return Path.of(named);
    }
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
  private void own(Path base) throws IOException {
    if (root()) {
      exec(List.of("chown", "postgres", base.toString()));
    }
  }

  private static boolean root() {
    return System.getProperty("user.name", "").equals("root");
  }

  private void run(String program, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (root()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(bin.resolve(program).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    exec(command);
  }

  private static void exec(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(Files.createTempFile("reseolio-pg", ".out").toFile())
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(command + " ended with " + code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private void stop(Path base) {
    if (!Files.exists(base)) {
      return;
    }
    try {
      run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
      try (Stream<Path> all = Files.walk(base)) {
        all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    } catch (IOException e) {
      System.err.println("test server: " + e.getMessage());
    }
  }
}
