package dev.reseolio.bench.process;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.survival.Databases;
import dev.reseolio.survival.Loopback;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The PostgreSQL that is measured on: durable, its own, gone at the end. And what a load costs
/// there.
public final class Postgres implements AutoCloseable {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql/15/bin");
  private static final Pattern COMMITS = Pattern.compile("(?m)^Transaction/COMMIT\\s+(\\d+)");

  /// A server that has run for a while writes its log into files it has; a new one makes each of 16
  /// MB when it is needed, which takes 20 ms and more in the middle of a commit. The next
  /// checkpoint keeps as many as `min_wal_size` holds: these.
  private static final String MAKE_LOG_FILES =
      "SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal() FROM generate_series(1, 64)";

  private final EmbeddedPostgres.Builder builder;
  private EmbeddedPostgres server;

  private Postgres(EmbeddedPostgres.Builder builder) {
    this.builder = builder;
    this.server = builder.start();
  }

  /// A place in the log.
  public record Mark(String lsn, long bytes, long commits) {}

  /// Between two places in the log.
  public record Written(double bytes, double commits) {}

  /// In a folder that goes, with the server, when this program ends.
  public static Postgres start(Path work) {
    Path folder = work.resolve("postgres");
    Postgres postgres = new Postgres(durable(EmbeddedPostgres.builder(folder)));
    Loopback.open(postgres.server, folder);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> tidy(postgres, work)));
    postgres.run(MAKE_LOG_FILES);
    return postgres;
  }

  /// The settings and, if it is there, the PostgreSQL that everything is measured on.
  public static EmbeddedPostgres.Builder durable(EmbeddedPostgres.Builder server) {
    server
        .setting("fsync", "on")
        .setting("synchronous_commit", "on")
        .setting("shared_buffers", "512MB")
        .setting("min_wal_size", "1GB")
        .setting("max_wal_size", "4GB");
    return isInstalled() ? server.binaries(INSTALLED) : server;
  }

  private static boolean isInstalled() {
    return Files.isExecutable(INSTALLED.resolve("postgres"));
  }

  private static void tidy(Postgres postgres, Path work) {
    postgres.close();
    try (Stream<Path> all = Files.walk(work)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + work + " (" + e.getMessage() + ")");
    }
  }

  /// An empty database, after a checkpoint.
  ///
  /// @return its URL
  public String fresh(String database) {
    run("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    run("CREATE DATABASE " + database);
    run("CHECKPOINT");
    return server.url().replaceFirst("[^/]+$", database);
  }

  /// What filling it left behind is done: vacuum, statistics, and a checkpoint.
  public void settle(String storage) {
    try (Connection sql = open(storage);
        var settle = sql.createStatement()) {
      settle.execute("VACUUM ANALYZE");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    run("CHECKPOINT");
  }

  /// The same database through another port.
  public static String at(String url, int port) {
    return url.replaceFirst(":\\d+/", ":" + port + "/");
  }

  public int port() {
    return server.port();
  }

  public static Connection open(String url) {
    try {
      return DriverManager.getConnection(jdbc(url));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String jdbc(String url) {
    return url.replaceFirst(
        "postgres://([^:]+):([^@]+)@([^/]+)/(.*)", "jdbc:postgresql://$3/$4?user=$1&password=$2");
  }

  private void run(String sql) {
    try (Connection on = open(server.url());
        var statement = on.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What one row of one query says, as text.
  public List<String> row(String sql) {
    try (Connection on = open(server.url());
        var statement = on.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      List<String> values = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        values.add(rows.getString(i));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public String version() {
    return row("SHOW server_version").getFirst();
  }

  public String setting(String name) {
    return row("SHOW " + name).getFirst();
  }

  /// Committed and rolled back transactions of a database, as the statistics know them.
  public long transactions(String database) {
    return Long.parseLong(
        row("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '"
                + database
                + "'")
            .getFirst());
  }

  public Mark mark() {
    if (!isInstalled()) {
      Wait.millis(1200); // sessions report their statistics once a second
    }
    List<String> row =
        row(
            """
            SELECT pg_current_wal_lsn(), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
                   (SELECT sum(xact_commit)::bigint FROM pg_stat_database)
            """);
    return new Mark(row.get(0), Long.parseLong(row.get(1)), Long.parseLong(row.get(2)));
  }

  /// What was written from a place in the log until now. Commits are the transactions that wrote;
  /// without pg_waldump of the same version, all transactions.
  public Written since(Mark start) {
    Mark end = mark();
    double commits = isInstalled() ? logged(start, end) : end.commits - start.commits;
    return new Written(end.bytes - start.bytes, commits);
  }

  /// Ends it as a crash does: nothing is finished, the log has to be replayed.
  public void crash() {
    Databases.kill(server);
  }

  /// On the same port; returns when it takes connections.
  public void startAgain() {
    server = builder.start();
  }

  /// The server's processes.
  public Stream<ProcessHandle> processes() {
    return ProcessHandle.of(server.pid()).orElseThrow().descendants();
  }

  /// COMMIT records between two places of the log: exactly the transactions that wrote.
  private double logged(Mark start, Mark end) {
    List<String> command = new ArrayList<>();
    command.add(INSTALLED.resolve("pg_waldump").toString());
    command.addAll(List.of("-p", setting("data_directory") + "/pg_wal", "-s", start.lsn));
    command.addAll(List.of("-e", end.lsn, "--rmgr=Transaction", "--stats=record"));
    try {
      Process dump =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return COMMITS
          .matcher(said)
          .results()
          .collect(Collectors.summingDouble(m -> Double.parseDouble(m.group(1))));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
