package dev.reseolio.survival.chaos;

import static dev.reseolio.survival.chaos.DatabaseFaults.SESSIONS;
import static dev.reseolio.survival.chaos.DatabaseFaults.awaitEnds;

import dev.reseolio.survival.Await;
import dev.reseolio.survival.Databases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/// What happens to a PostgreSQL and its standby.
final class FailoverFaults {
  static final Map<String, Fault> ALL =
      Map.of(
          "failover", (c, a, r) -> failover(c, a, false),
          "failover-old-returns", (c, a, r) -> failover(c, a, true),
          "standby-wait-ended", (c, a, r) -> endWaits(c, a),
          "failover-to-late-copy", (c, a, r) -> failoverToLateCopy(c, a),
          "failover-without-new-lanes", (c, a, r) -> failoverWithoutNewLanes(c, a));

  /// How many rows were ever added.
  private static final String HISTORY = "SELECT count(*) FROM chaos.audit";

  private FailoverFaults() {}

  private static void failover(Cluster cluster, Act act, boolean oldReturns) throws Exception {
    Databases databases = cluster.databases();
    act.inject("the primary");
    databases.stop("QUIT");
    databases.promote();
    act.landed("the standby takes writes");
    awaitEnds(databases, act);
    if (oldReturns) {
      databases.reviveOld();
      long before = databases.oneOfOld(HISTORY);
      try (Connection sql = databases.connect();
          var kill = sql.createStatement()) {
        for (int i = 0; i < 12; i++) {
          kill.execute("SELECT pg_terminate_backend(pid) " + SESSIONS);
          Await.during(Duration.ofSeconds(1), () -> {});
        }
      }
      long written = databases.oneOfOld(HISTORY) - before;
      databases.killOld();
      if (written > 0) {
        throw new AssertionError(written + " rows were written to the old primary");
      }
    }
    databases.addStandby();
  }

  /// What was committed after the standby stopped listening is lost, and known to be.
  private static void failoverToLateCopy(Cluster cluster, Act act) throws Exception {
    Databases databases = cluster.databases();
    act.inject("the primary");
    long from = System.nanoTime();
    databases.stopCopying();
    Await.during(Duration.ofMillis(500), () -> {});
    databases.stop("QUIT");
    databases.promote();
    act.lost(from);
    act.landed("the copy takes writes");
    awaitEnds(databases, act);
    databases.addStandby();
  }

  /// Functions and queues that the copy never heard of, while applications go on using them.
  private static void failoverWithoutNewLanes(Cluster cluster, Act act) throws Exception {
    Databases databases = cluster.databases();
    act.inject("the primary");
    long from = System.nanoTime();
    databases.stopCopying();
    try (var newcomer = new Newcomer(cluster, act.id())) {
      newcomer.awaitEnds();
      databases.stop("QUIT");
      databases.promote();
      act.lost(from);
      act.landed("the copy takes writes and knows none of " + newcomer.lanes() + " lanes");
      awaitEnds(databases, act);
      newcomer.awaitEnds();
    }
    databases.addStandby();
  }

  /// Commits that wait for the standby are told to stop waiting: PostgreSQL calls that a success.
  private static void endWaits(Cluster cluster, Act act) throws SQLException {
    Databases databases = cluster.databases();
    act.inject("commits that wait for the standby");
    long ended = 0;
    databases.alter("synchronous_standby_names", "nobody");
    try (Connection sql = databases.connect();
        var cancel =
            sql.prepareStatement(
                "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'reseolio:%'")) {
      for (int i = 0; i < 10; i++) {
        Await.during(Duration.ofMillis(100), () -> {});
        try (var row = cancel.executeQuery()) {
          row.next();
          ended += row.getLong(1);
        }
      }
      databases.alter("synchronous_standby_names", "*");
    }
    if (ended > 0) {
      act.landed(ended + " waits were cancelled");
    }
  }
}
