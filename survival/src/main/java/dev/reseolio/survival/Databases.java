package dev.reseolio.survival;

import dev.reseolio.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A durable PostgreSQL and, when wanted, its standby. They change places with every failover.
public final class Databases implements AutoCloseable {
  public static final Duration SOON = Duration.ofSeconds(60);

  /// Between two looks of a wait.
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Path root;
  private final Standby standby;
  private final UnaryOperator<EmbeddedPostgres.Builder> settings;
  private final @Nullable EmbeddedPostgres[] servers = new EmbeddedPostgres[2];
  private volatile int primary;
  private int copies;

  /// Whether there is one, for which commits wait.
  public enum Standby {
    NONE,
    SYNC
  }

  private Databases(Path root, Standby standby, UnaryOperator<EmbeddedPostgres.Builder> settings) {
    this.root = root;
    this.standby = standby;
    this.settings = settings;
  }

  /// Returns when the standby follows.
  ///
  /// @param root folder for both, deleted at the end
  /// @param settings that both get, besides those of replication
  public static Databases start(
      Path root, Standby standby, UnaryOperator<EmbeddedPostgres.Builder> settings)
      throws SQLException, IOException {
    var databases = new Databases(root, standby, settings);
    databases.servers[0] = databases.launch(databases.folder(0));
    Loopback.open(databases.server(0), databases.folder(0));
    if (standby != Standby.NONE) {
      databases.addStandby();
    }
    return databases;
  }

  private Path folder(int slot) {
    return root.resolve("postgres" + slot);
  }

  private EmbeddedPostgres launch(Path folder) {
    return settings
        .apply(EmbeddedPostgres.builder(folder))
        .setting("wal_keep_size", "256MB")
        .setting("max_wal_senders", "8")
        .setting("wal_receiver_timeout", "5s")
        .setting("wal_retrieve_retry_interval", "200ms")
        .start();
  }

  private EmbeddedPostgres server(int slot) {
    EmbeddedPostgres server = servers[slot];
    if (server == null) {
      throw new IllegalStateException("no server in slot " + slot);
    }
    return server;
  }

  /// The port of one of the two, whichever role it has.
  public int port(int slot) {
    EmbeddedPostgres server = servers[slot];
    return server == null ? 1 : server.port();
  }

  public int slots() {
    return standby == Standby.NONE ? 1 : 2;
  }

  /// `user:password@` and `/database` of both are the same.
  public String url(List<Integer> ports) {
    return url(ports.stream().map(port -> "127.0.0.1:" + port));
  }

  /// Of both, without anything in between, at another address of this machine.
  public String urlAt(String address) {
    return url(IntStream.range(0, slots()).mapToObj(slot -> address + ":" + port(slot)));
  }

  private String url(Stream<String> places) {
    String hosts = places.collect(Collectors.joining(","));
    return server(primary).url().replaceFirst("127\\.0\\.0\\.1:\\d+", hosts) + "?connect_timeout=2";
  }

  /// A session of the run itself, with the primary.
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(
        server(primary).jdbcUrl() + "&ApplicationName=survival&socketTimeout=30");
  }

  /// Ends the primary: `INT` stops it fast, `QUIT` at once, `KILL` as a crash of its process does.
  /// Returns when it is gone.
  public long stop(String signal) {
    EmbeddedPostgres server = server(primary);
    List<ProcessHandle> children =
        ProcessHandle.of(server.pid()).stream().flatMap(ProcessHandle::children).toList();
    Signals.send(signal, server.pid());
    Await.until(
        "PostgreSQL ends",
        SOON,
        () -> !server.isRunning() && children.stream().noneMatch(Databases::runs));
    return server.pid();
  }

  /// Also false for what has ended and was not yet waited for, which counts as alive.
  private static boolean runs(ProcessHandle process) {
    return process.info().command().isPresent();
  }

  /// Starts the primary again on its port.
  public void start() {
    servers[primary] = launch(folder(primary));
  }

  /// After trouble that it may have crashed of: starts the primary again if it has ended. Returns
  /// when it takes connections, which a server that mends itself refuses for a while.
  public void revive() {
    Await.value("PostgreSQL takes connections", SOON, this::refusal, String::isEmpty);
  }

  /// Why it takes no connection; empty when it does.
  private String refusal() {
    if (!server(primary).isRunning()) {
      start();
    }
    try (Connection _ = connect()) {
      return "";
    } catch (SQLException e) {
      return e.toString();
    }
  }

  /// The standby becomes the primary. Returns as soon as it takes writes.
  public void promote() throws SQLException {
    int standby = 1 - primary;
    try (Connection sql = DriverManager.getConnection(server(standby).jdbcUrl());
        var promote = sql.createStatement()) {
      promote.execute("SELECT pg_promote(false)"); // which would look ten times a second only
      Await.until("the standby takes writes", SOON, () -> takesWrites(promote));
    }
    primary = standby;
  }

  private static boolean takesWrites(Statement on) throws SQLException {
    try (var row = on.executeQuery("SELECT NOT pg_is_in_recovery()")) {
      return row.next() && row.getBoolean(1);
    }
  }

  /// The server that was primary before the last failover runs again, and knows nothing of it.
  public void reviveOld() throws SQLException {
    servers[1 - primary] = launch(folder(1 - primary));
    try (Connection sql = connectOld();
        var alter = sql.createStatement()) {
      alter.execute("ALTER SYSTEM RESET synchronous_standby_names");
      alter.execute("SELECT pg_reload_conf()");
    }
  }

  /// The first number that a query of that server finds.
  public long oneOfOld(String query) throws SQLException {
    try (Connection sql = connectOld()) {
      return one(sql, query);
    }
  }

  private Connection connectOld() throws SQLException {
    return DriverManager.getConnection(server(1 - primary).jdbcUrl() + "&ApplicationName=survival");
  }

  public void killOld() {
    EmbeddedPostgres old = servers[1 - primary];
    if (old != null) {
      kill(old);
    }
  }

  /// Commits do not wait for the standby any more, and it gets nothing more. Returns when it has
  /// stopped listening.
  public void stopCopying() throws SQLException {
    alter("synchronous_standby_names", null);
    try (Connection sql = DriverManager.getConnection(server(1 - primary).jdbcUrl());
        var stop = sql.createStatement()) {
      stop.execute("ALTER SYSTEM SET primary_conninfo = ''");
      stop.execute("SELECT pg_reload_conf()");
    }
    Await.until(
        "the standby stops", SOON, () -> one("SELECT count(*) FROM pg_stat_replication") == 0);
  }

  /// Copies the primary into the free slot and lets it follow; returns when commits wait for it.
  public void addStandby() throws SQLException, IOException {
    int slot = 1 - primary;
    Path from = folder(primary);
    Path to = folder(slot);
    DataFolder.delete(to);
    try (Connection sql = connect();
        var backup = sql.createStatement()) {
      backup.execute("SELECT pg_backup_start('copy" + ++copies + "', true)");
      DataFolder.copy(from.resolve("data"), to.resolve("data"));
      try (var row = backup.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        row.next();
        Files.writeString(to.resolve("data/backup_label"), row.getString(1));
      }
    }
    Files.copy(
        from.resolve("password"), to.resolve("password"), StandardCopyOption.COPY_ATTRIBUTES);
    EmbeddedPostgres leader = server(primary);
    String password = leader.url().replaceFirst(".*:([^@:]+)@.*", "$1");
    Files.writeString(to.resolve("data/standby.signal"), "");
    Files.writeString(
        to.resolve("data/postgresql.auto.conf"),
        "synchronous_standby_names = ''\nprimary_conninfo = 'host=127.0.0.1 port=%d user=reseolio password=%s application_name=copy'\n"
            .formatted(leader.port(), password),
        StandardOpenOption.TRUNCATE_EXISTING);
    servers[slot] = launch(to);
    awaitFollowing();
  }

  private void awaitFollowing() throws SQLException {
    Await.until(
        "the standby follows",
        SOON,
        () -> one("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") > 0);
    alter("synchronous_standby_names", "*");
    Await.until(
        "commits wait for the standby",
        SOON,
        () -> one("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") > 0);
  }

  /// Changes a setting of the primary; null sets it back.
  public void alter(String setting, @Nullable String value) throws SQLException {
    try (Connection sql = connect();
        var alter = sql.createStatement()) {
      alter.execute(
          value == null
              ? "ALTER SYSTEM RESET " + setting
              : "ALTER SYSTEM SET " + setting + " = '" + value + "'");
      alter.execute("SELECT pg_reload_conf()");
    }
  }

  /// The first number that a query of the primary finds.
  public long one(String query) throws SQLException {
    try (Connection sql = connect()) {
      return one(sql, query);
    }
  }

  /// The same on a session that is open.
  public static long one(Connection sql, String query) throws SQLException {
    try (var find = sql.createStatement();
        var row = find.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /// Until the first number that a query of the primary finds is good enough. All looks are made on
  /// one session: to open one takes both ends longer than most queries do.
  public long await(String what, Duration atMost, String query, LongPredicate good)
      throws SQLException {
    try (Connection sql = connect()) {
      return Await.value(what, atMost, LOOK, () -> one(sql, query), good::test);
    }
  }

  @Override
  public void close() throws IOException {
    for (EmbeddedPostgres server : servers) {
      if (server != null && server.isRunning()) {
        kill(server);
      }
    }
    DataFolder.delete(root);
  }

  /// Ends a server as `pg_ctl stop -m immediate` does; returns when it has ended.
  public static void kill(EmbeddedPostgres server) {
    Signals.send("QUIT", server.pid());
    Await.until("PostgreSQL ends", SOON, () -> !server.isRunning());
  }
}
