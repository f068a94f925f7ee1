package dev.reseolio.survival;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// What handlers did, in a plain table of the user's database. A write is repeated until it is
/// committed, under an id of its own, so that it is there once whatever happens to the database.
final class Ledger {
  static final String TABLES =
      """
      CREATE TABLE effect (
        id uuid PRIMARY KEY, job uuid NOT NULL, attempt int NOT NULL, kind text NOT NULL,
        worker text NOT NULL, pid bigint NOT NULL, mode text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
      CREATE INDEX ON effect (job);
      CREATE TABLE released (tag text PRIMARY KEY)\
      """;
  private static final String WRITE =
      "INSERT INTO effect (id, job, attempt, kind, worker, pid, mode) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
  private static final long PAUSE_NANOS = 10_000_000;

  private final String url;
  private final String worker;
  private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
  private final Set<String> released = ConcurrentHashMap.newKeySet();

  Ledger(String url, String worker, int connections) throws SQLException {
    this.url = url;
    this.worker = worker;
    for (int i = 0; i < connections; i++) {
      idle.add(DriverManager.getConnection(url));
    }
    Thread.ofPlatform().daemon().start(this::watchReleases);
  }

  /// A handler that was told to stop writes all the same, and is told afterwards: an interrupt
  /// would break the connection of a virtual thread, and every one it opens instead.
  void write(String job, int attempt, String kind, String mode) {
    UUID id = UUID.randomUUID();
    boolean told = Thread.interrupted();
    while (!written(id, job, attempt, kind, mode)) {
      told |= Thread.interrupted();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    if (told) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean written(UUID id, String job, int attempt, String kind, String mode) {
    try {
      Connection known = idle.poll();
      Connection sql = known != null ? known : DriverManager.getConnection(url);
      try (var write = sql.prepareStatement(WRITE)) {
        write.setObject(1, id);
        write.setObject(2, UUID.fromString(job));
        write.setInt(3, attempt);
        write.setString(4, kind);
        write.setString(5, worker);
        write.setLong(6, ProcessHandle.current().pid());
        write.setString(7, mode);
        write.executeUpdate();
      }
      idle.add(sql);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  boolean released(String tag) {
    return released.contains(tag);
  }

  private void watchReleases() {
    while (true) {
      try (Connection sql = DriverManager.getConnection(url);
          var find = sql.prepareStatement("SELECT tag FROM released")) {
        look(find);
      } catch (SQLException e) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void look(java.sql.PreparedStatement find) throws SQLException {
    while (true) {
      try (var rows = find.executeQuery()) {
        while (rows.next()) {
          released.add(rows.getString(1));
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
