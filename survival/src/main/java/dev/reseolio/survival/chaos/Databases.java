package dev.reseolio.survival.chaos;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.survival.Await;
import dev.reseolio.survival.Signals;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A durable PostgreSQL and, when wanted, its synchronous standby. They change places with every
/// failover.
final class Databases implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);
  private static final Set<String> NOT_COPIED =
      Set.of("pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_stat_tmp");

  private final Path root;
  private final boolean withStandby;
  private final @Nullable EmbeddedPostgres[] servers = new EmbeddedPostgres[2];
  private volatile int primary;
  private int copies;
  private boolean mounted;

  private Databases(Path root, boolean withStandby) {
    this.root = root;
    this.withStandby = withStandby;
  }

  static Databases start(Settings settings) throws SQLException, IOException {
    var databases = new Databases(settings.folder().resolve("data"), settings.standby());
    if (settings.disk() > 0) {
      databases.mount(settings.disk());
    }
    databases.servers[0] = databases.launch(databases.folder(0));
    databases.open();
    if (settings.standby()) {
      databases.addStandby();
    }
    return databases;
  }

  private void mount(int megabytes) throws IOException {
    Files.createDirectories(root);
    mounted = Signals.run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", root.toString());
    if (!mounted) {
      throw new IllegalArgumentException("cannot mount a disk of its own: run as root, or without disk=");
    }
  }

  /// Takes all that is left of the disk.
  Path fill() throws IOException {
    Path ballast = root.resolve("ballast");
    byte[] block = new byte[1 << 16];
    try (var file = Files.newOutputStream(ballast)) {
      while (true) {
        file.write(block);
      }
    } catch (IOException full) {
      return ballast;
    }
  }

  /// False when it has ended by itself.
  boolean alive() {
    return ProcessHandle.of(server(primary).pid()).isPresent();
  }

  /// Takes connections from all loopback addresses; see [dev.reseolio.survival.Proxy].
  private void open() throws IOException, SQLException {
    Files.writeString(
        folder(0).resolve("data/pg_hba.conf"),
        "\nhost all all 127.0.0.0/8 scram-sha-256\n",
        StandardOpenOption.APPEND);
    try (Connection sql = connect();
        var reload = sql.createStatement()) {
      reload.execute("SELECT pg_reload_conf()");
    }
  }

  private Path folder(int slot) {
    return root.resolve("postgres" + slot);
  }

  private EmbeddedPostgres launch(Path folder) {
    return EmbeddedPostgres.builder(folder)
        .setting("track_commit_timestamp", "on")
        .setting("wal_keep_size", "256MB")
        .setting("max_wal_senders", "8")
        .setting("max_connections", "60")
        .setting("shared_buffers", "64MB")
        .setting("wal_receiver_timeout", "5s")
        .setting("wal_retrieve_retry_interval", "200ms")
        .start();
  }

  boolean hasStandby() {
    return withStandby;
  }

  private EmbeddedPostgres server(int slot) {
    EmbeddedPostgres server = servers[slot];
    if (server == null) {
      throw new IllegalStateException("no server in slot " + slot);
    }
    return server;
  }

  /// The port of one of the two, whichever role it has.
  int port(int slot) {
    EmbeddedPostgres server = servers[slot];
    return server == null ? 1 : server.port();
  }

  int slots() {
    return withStandby ? 2 : 1;
  }

  /// `user:password@` and `/database` of both are the same.
  String url(List<Integer> ports) {
    String hosts =
        ports.stream().map(p -> "127.0.0.1:" + p).collect(java.util.stream.Collectors.joining(","));
    return server(primary).url().replaceFirst("127\\.0\\.0\\.1:\\d+", hosts) + "?connect_timeout=2";
  }

  /// A session of the run itself, with the primary.
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        server(primary).jdbcUrl() + "&ApplicationName=chaos&socketTimeout=30");
  }

  /// Ends the primary: `INT` stops it fast, `QUIT` at once, `KILL` as a crash of its process does.
  /// Returns when it is gone.
  long stop(String signal) {
    long pid = server(primary).pid();
    List<ProcessHandle> children =
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList();
    Signals.send(signal, pid);
    Await.until(
        "PostgreSQL ends",
        SOON,
        () ->
            ProcessHandle.of(pid).isEmpty() && children.stream().noneMatch(ProcessHandle::isAlive));
    return pid;
  }

  /// Starts the primary again on its port.
  void start() {
    servers[primary] = launch(folder(primary));
  }

  /// The standby becomes the primary. Returns when it takes writes.
  void promote() throws SQLException {
    int standby = 1 - primary;
    try (Connection sql = DriverManager.getConnection(server(standby).jdbcUrl());
        var promote = sql.createStatement()) {
      promote.execute("SELECT pg_promote(true, 30)");
    }
    primary = standby;
  }

  /// The server that was primary before the last failover runs again, and knows nothing of it.
  void reviveOld() throws SQLException {
    servers[1 - primary] = launch(folder(1 - primary));
    try (Connection sql = connectOld();
        var alter = sql.createStatement()) {
      alter.execute("ALTER SYSTEM RESET synchronous_standby_names");
      alter.execute("SELECT pg_reload_conf()");
    }
  }

  /// How many rows were ever added to that server's history.
  long historyOfOld() throws SQLException {
    try (Connection sql = connectOld();
        var find = sql.createStatement();
        var row = find.executeQuery("SELECT count(*) FROM chaos.audit")) {
      row.next();
      return row.getLong(1);
    }
  }

  private Connection connectOld() throws SQLException {
    return DriverManager.getConnection(server(1 - primary).jdbcUrl() + "&ApplicationName=chaos");
  }

  void killOld() {
    EmbeddedPostgres old = servers[1 - primary];
    if (old != null) {
      long pid = old.pid();
      Signals.send("QUIT", pid);
      Await.until("the old primary ends", SOON, () -> ProcessHandle.of(pid).isEmpty());
    }
  }

  /// Copies the primary into the free slot and lets it follow; returns when commits wait for it.
  void addStandby() throws SQLException, IOException {
    int slot = 1 - primary;
    Path from = folder(primary);
    Path to = folder(slot);
    delete(to);
    try (Connection sql = connect();
        var backup = sql.createStatement()) {
      backup.execute("SELECT pg_backup_start('copy" + ++copies + "', true)");
      copy(from.resolve("data"), to.resolve("data"));
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
  void alter(String setting, @Nullable String value) throws SQLException {
    try (Connection sql = connect();
        var alter = sql.createStatement()) {
      alter.execute(
          value == null
              ? "ALTER SYSTEM RESET " + setting
              : "ALTER SYSTEM SET " + setting + " = '" + value + "'");
      alter.execute("SELECT pg_reload_conf()");
    }
  }

  long one(String query) throws SQLException {
    try (Connection sql = connect();
        var find = sql.createStatement();
        var row = find.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.setPosixFilePermissions(to.getParent(), PosixFilePermissions.fromString("rwx------"));
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(folder));
            Files.createDirectory(
                copy,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path name = from.relativize(file);
            boolean wanted =
                !NOT_COPIED.contains(name.getName(0).toString())
                    && !name.toString().startsWith("postmaster.");
            if (wanted) {
              Files.copy(file, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE; // dropped while we copied: the log knows
          }
        });
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (EmbeddedPostgres server : servers) {
      if (server != null && ProcessHandle.of(server.pid()).isPresent()) {
        long pid = server.pid();
        Signals.send("QUIT", pid);
        Await.until("PostgreSQL ends", SOON, () -> ProcessHandle.of(pid).isEmpty());
      }
    }
    if (mounted) {
      Signals.run("umount", root.toString());
    }
    delete(root);
  }
}
