package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Await;
import dev.reseolio.survival.Databases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What happens to a PostgreSQL.
final class DatabaseFaults {
  static final Map<String, Fault> ALL =
      Map.ofEntries(
          Map.entry("database-restarted", (c, a, r) -> restart(c, a, "INT")),
          Map.entry("database-stopped-at-once", (c, a, r) -> restart(c, a, "QUIT")),
          Map.entry("database-killed", (c, a, r) -> restart(c, a, "KILL")),
          Map.entry("sessions-killed", (c, a, r) -> killSessions(c, a, 500, 6)),
          Map.entry("sessions-killed-often", (c, a, r) -> killSessions(c, a, 20, 50)),
          Map.entry("connections-exhausted", DatabaseFaults::exhaust),
          Map.entry("timeouts-50ms", DatabaseFaults::timeouts),
          Map.entry("tables-locked", DatabaseFaults::lock),
          Map.entry("database-read-only", DatabaseFaults::readOnly),
          Map.entry("snapshot-held", DatabaseFaults::snapshot));

  static final Map<String, Fault> WITH_DISK = Map.of("disk-full", (c, a, r) -> fillDisk(c, a));

  /// More than the database has.
  private static final int MOST_TAKEN = 200;

  static final String SESSIONS =
      "FROM pg_stat_activity WHERE application_name LIKE 'reseolio:%' AND pid <> pg_backend_pid()";

  private DatabaseFaults() {}

  private static void restart(Cluster cluster, Act act, String signal) throws SQLException {
    act.inject("the database");
    long pid = cluster.databases().stop(signal);
    act.landed("process " + pid + " is gone");
    cluster.databases().start();
    awaitEnds(cluster.databases(), act);
  }

  /// The database takes connections again: until the first job ends.
  static void awaitEnds(Databases databases, Act act) throws SQLException {
    long back = System.nanoTime();
    String ended = Audit.countSince(Audit.last(databases), "tab = 'DONE'");
    databases.await("jobs end again", Databases.SOON, ended, count -> count > 0);
    act.recovered(back);
  }

  private static void killSessions(Cluster cluster, Act act, int everyMillis, int times)
      throws SQLException {
    act.inject("sessions of sidecars");
    long killed = 0;
    try (Connection sql = cluster.databases().connect()) {
      for (int i = 0; i < times; i++) {
        killed += Databases.one(sql, "SELECT count(pg_terminate_backend(pid)) " + SESSIONS);
        Await.during(Duration.ofMillis(everyMillis), () -> {});
      }
    }
    if (killed > 0) {
      act.landed(killed + " sessions were ended");
    }
  }

  /// Until nothing can be committed, and some time longer.
  private static void fillDisk(Cluster cluster, Act act) throws Exception {
    Databases databases = cluster.databases();
    act.inject("the disk");
    Path ballast = cluster.disk().fill();
    try {
      Await.until(
          "nothing is committed any more",
          Databases.SOON,
          () -> cluster.sidecars().stream().noneMatch(DatabaseFaults::commits));
      act.landed("no sidecar commits");
      Await.during(Duration.ofSeconds(3), () -> {});
    } finally {
      Files.delete(ballast);
    }
    databases.revive();
    awaitEnds(databases, act);
  }

  private static boolean commits(Sidecar one) {
    try {
      return one.node().readyz() == 200;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Takes every slot there is, and ends sessions of sidecars so that they have to ask for one.
  private static void exhaust(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("connections");
    List<Connection> taken = new ArrayList<>();
    try (Connection sql = cluster.databases().connect();
        var kill = sql.createStatement()) {
      long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      while (System.nanoTime() - until < 0 || (!act.hasLanded() && taken.size() < MOST_TAKEN)) {
        try {
          taken.add(cluster.databases().connect());
        } catch (SQLException full) {
          act.landed("SQLSTATE " + full.getSQLState() + " after " + taken.size());
          kill.execute("SELECT pg_terminate_backend(pid) " + SESSIONS + " LIMIT 1");
        }
      }
    } finally {
      for (Connection one : taken) {
        one.close();
      }
    }
  }

  private static void timeouts(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("every session");
    try (Connection sql = cluster.databases().connect();
        var alter = sql.createStatement()) {
      alter.execute("ALTER ROLE reseolio SET statement_timeout = '50ms'");
      alter.execute("ALTER ROLE reseolio SET lock_timeout = '50ms'");
      try {
        alter.execute("SELECT pg_terminate_backend(pid) " + SESSIONS);
        act.landed("statements end after 50 ms");
        for (int i = 0; i < 3; i++) {
          lockFor(cluster, "reseolio.done", Duration.ofMillis(300));
          Await.during(Duration.ofMillis(300), () -> {});
        }
      } finally {
        try (Connection free = cluster.databases().connect();
            var reset = free.createStatement()) {
          reset.execute("SET statement_timeout = 0");
          reset.execute("SET lock_timeout = 0");
          reset.execute("ALTER ROLE reseolio RESET ALL");
          reset.execute("SELECT pg_terminate_backend(pid) " + SESSIONS);
        }
      }
    }
  }

  private static void lockFor(Cluster cluster, String table, Duration time) throws SQLException {
    try (Connection sql = cluster.databases().connect();
        var lock = sql.createStatement()) {
      sql.setAutoCommit(false);
      lock.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0");
      lock.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
      Await.during(time, () -> {});
      sql.rollback();
    }
  }

  private static void lock(Cluster cluster, Act act, SplittableRandom random) throws SQLException {
    String table =
        ProcessFaults.any(
            List.of(
                "reseolio.done",
                "reseolio.job",
                "reseolio.ready",
                "reseolio.lease",
                "reseolio.node_beat"),
            random);
    act.inject(table);
    lockFor(cluster, table, Duration.ofMillis(random.nextInt(3000, 10_000)));
    act.landed("nobody could use " + table);
  }

  private static void readOnly(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("the database");
    cluster.databases().alter("default_transaction_read_only", "on");
    try (Connection sql = cluster.databases().connect();
        var write = sql.createStatement()) {
      write.execute("INSERT INTO chaos.business VALUES ('read only')");
    } catch (SQLException refused) {
      act.landed("SQLSTATE " + refused.getSQLState());
    }
    Await.during(Duration.ofMillis(random.nextInt(1000, 3000)), () -> {});
    try (Connection sql = cluster.databases().connect();
        var reset = sql.createStatement()) {
      reset.execute("SET default_transaction_read_only = off");
      reset.execute("ALTER SYSTEM RESET default_transaction_read_only");
      reset.execute("SELECT pg_reload_conf()");
    }
  }

  private static void snapshot(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("the database");
    try (Connection sql = cluster.databases().connect();
        var look = sql.createStatement()) {
      sql.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      sql.setAutoCommit(false);
      look.execute("SELECT count(*) FROM reseolio.ready");
      act.landed("a snapshot is held");
      Await.during(Duration.ofMillis(random.nextInt(2000, 4000)), () -> {});
    }
  }
}
