package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Fences a node and gives its jobs back, in one transaction: first the update of the node row,
/// which waits for a flush under way and lets none follow; then, in a statement of its own and so
/// on a newer snapshot, the jobs.
final class TakeOver {
  private static final System.Logger LOG = System.getLogger(TakeOver.class.getName());

  private static final String BOUND = "SET LOCAL lock_timeout = '150ms'";
  private static final String FENCE =
      "UPDATE node SET state = 2, ended_at = now(), taken_by = ? WHERE id = ? AND state = 1";

  /// Explicit leases by their rows; implicit ones are the jobs the node inserted for itself, not
  /// below its low id, that are in no other table. Those are always first executions. When each
  /// runs again says [Lifecycle#apart]. Answers how many do.
  private static final String GIVE_BACK =
      """
      WITH explicit AS (
        DELETE FROM lease WHERE owner = ? RETURNING id, lane, attempt, failures, crashes + 1 AS crashes, started_at),
      lost AS (
        SELECT id, lane, attempt, failures, crashes, started_at,
               CASE WHEN crashes >= 2 THEN now() + random() * ? * 2 ^ least(crashes, ?) * interval '1 millisecond' END AS retry_at
        FROM explicit
        UNION ALL
        SELECT j.id, j.lane, 1::smallint, 0::smallint, 1, j.created_at, NULL
        FROM job j
        WHERE j.id >= (SELECT b.low_id FROM node_beat b WHERE b.node = ?) AND j.owner = ?
          AND NOT EXISTS (SELECT 1 FROM done d WHERE d.id = j.id OFFSET 0)
          AND NOT EXISTS (SELECT 1 FROM ready r WHERE r.id = j.id OFFSET 0)
          AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.id = j.id OFFSET 0)
          AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.id = j.id OFFSET 0)),
      history AS (
        INSERT INTO attempt (job, attempt, lane, owner, outcome, started_at, retry_at, failures, crashes, error_type, error_message)
        SELECT id, attempt, lane, ?, ?, started_at, retry_at, failures, crashes, 'NodeLost', ? FROM lost WHERE crashes <= ?
        ON CONFLICT (job, attempt) DO NOTHING),
      buried AS (
        INSERT INTO done (id, lane, owner, status, attempt, failures, crashes, outcome, started_at, error_type, error_message)
        SELECT id, lane, ?, ?, attempt, failures, crashes, ?, started_at, ?, ? FROM lost WHERE crashes > ?
        ON CONFLICT (id) DO NOTHING),
      at_once AS (
        INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
        SELECT lane, 0, id, attempt + 1, failures, crashes FROM lost WHERE crashes <= ? AND retry_at IS NULL
        ON CONFLICT (id) DO NOTHING
        RETURNING id),
      later AS (
        INSERT INTO timer (run_at, id, lane, priority, attempt, failures, crashes)
        SELECT l.retry_at, l.id, l.lane, j.priority, l.attempt + 1, l.failures, l.crashes
        FROM lost l
        CROSS JOIN LATERAL (SELECT priority FROM job WHERE id = l.id AND lane = l.lane LIMIT 1) AS j
        WHERE l.crashes <= ? AND l.retry_at IS NOT NULL
        ON CONFLICT (id) DO NOTHING
        RETURNING id)
      SELECT (SELECT count(*) FROM at_once) + (SELECT count(*) FROM later)\
      """;

  private static final String END_SESSIONS =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?";
  private static final String FENCED = "SELECT id FROM node WHERE state = 2";
  private static final String SETTLE =
      """
      WITH settled AS (UPDATE node SET state = 3 WHERE id = ? AND state = 2 RETURNING id)
      DELETE FROM node_beat WHERE node IN (SELECT id FROM settled)\
      """;
  private static final String SIGN_OFF =
      "UPDATE node SET state = 2, ended_at = now() WHERE id = ? AND token = ? AND state = 1";

  /// Held through the sweep of one node: a second sweeper on an older snapshot would give back jobs
  /// that the first has given back and somebody has claimed since.
  private static final String SWEEP =
      "SELECT id FROM node WHERE id = ? AND state = 2 FOR NO KEY UPDATE SKIP LOCKED";

  private static final int TRIES = 5;
  private static final int NO_LIMIT = 10_000;

  private final Connections connections;

  TakeOver(Connections connections) {
    this.connections = connections;
  }

  boolean fence(NodeRef me, int victim, int crashBudget) {
    for (int i = 1; ; i++) {
      try {
        return connections.inTransaction(sql -> fence(sql, me, victim, crashBudget));
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.TRANSIENT || i == TRIES) {
          throw e;
        }
        endSessions(victim);
      }
    }
  }

  private boolean fence(Connection sql, NodeRef me, int victim, int crashBudget)
      throws SQLException {
    try (Statement bound = sql.createStatement();
        PreparedStatement fence = sql.prepareStatement(FENCE)) {
      bound.execute(BOUND);
      new Binder(fence).set(me.id()).set(victim);
      if (fence.executeUpdate() == 0) {
        return false;
      }
      giveBack(sql, victim, crashBudget);
      return true;
    }
  }

  /// A flush that was sent in part keeps the row locked for as long as its process is frozen;
  /// ending its backend rolls it back. The role is the same, so no superuser is needed. A pooler's
  /// session bears the name only while it is at work for the node.
  private void endSessions(int victim) {
    LOG.log(
        System.Logger.Level.WARNING,
        "node {0,number,#} blocks its takeover; ending its sessions",
        victim);
    connections.with(sql -> {
      try (PreparedStatement end = sql.prepareStatement(END_SESSIONS)) {
        end.setString(1, Sessions.name(connections.schema(), victim));
        return end.execute();
      }
    });
  }

  private static int giveBack(Connection sql, int victim, int crashBudget) throws SQLException {
    JobError buried = Lifecycle.crashBudgetError(crashBudget + 1);
    try (PreparedStatement give = sql.prepareStatement(GIVE_BACK)) {
      new Binder(give)
          .set(victim)
          .set(Lifecycle.APART.toMillis())
          .set(Lifecycle.MOST_DOUBLINGS)
          .set(victim)
          .set(victim)
          .set(victim)
          .set(AttemptOutcome.NODE_LOST.code())
          .set("node %d went away while it ran the job".formatted(victim))
          .set(crashBudget)
          .set(victim)
          .set(JobStatus.DEAD.code())
          .set(AttemptOutcome.NODE_LOST.code())
          .set(buried.type())
          .set(buried.message())
          .set(crashBudget)
          .set(crashBudget)
          .set(crashBudget);
      try (ResultSet row = give.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /// Ends an incarnation that has handed back what it held. Should it have kept something after
  /// all, that goes back now, or with the next sweep.
  void signOff(NodeRef me) {
    connections.inTransaction(sql -> {
      try (PreparedStatement end = sql.prepareStatement(SIGN_OFF)) {
        new Binder(end).set(me.id()).set(me.token());
        return end.executeUpdate() == 0 ? 0 : settle(sql, me.id(), NO_LIMIT);
      }
    });
  }

  int sweep(int crashBudget) {
    int given = 0;
    for (int victim : connections.with(TakeOver::fenced)) {
      given += connections.inTransaction(sql -> settle(sql, victim, crashBudget));
    }
    return given;
  }

  private static int settle(Connection sql, int victim, int crashBudget) throws SQLException {
    if (!sweeps(sql, victim)) {
      return 0;
    }
    int given = giveBack(sql, victim, crashBudget);
    if (given == 0) {
      try (PreparedStatement settle = sql.prepareStatement(SETTLE)) {
        new Binder(settle).set(victim);
        settle.executeUpdate();
      }
    }
    return given;
  }

  private static boolean sweeps(Connection sql, int victim) throws SQLException {
    try (PreparedStatement sweep = sql.prepareStatement(SWEEP)) {
      new Binder(sweep).set(victim);
      try (ResultSet row = sweep.executeQuery()) {
        return row.next();
      }
    }
  }

  private static List<Integer> fenced(Connection sql) throws SQLException {
    List<Integer> ids = new ArrayList<>();
    try (PreparedStatement find = sql.prepareStatement(FENCED);
        ResultSet rows = find.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
    }
    return ids;
  }
}
