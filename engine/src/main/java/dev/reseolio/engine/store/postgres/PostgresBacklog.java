package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Flush.Slot;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Index probes into `ready`, `timer`, `deadline` and `cancel_request`. Time bounds are `now()`,
/// never `clock_timestamp()`: a volatile bound is a filter and would walk every future timer.
final class PostgresBacklog implements Backlog {
  private static final String OCCUPIED =
      """
      SELECT s.lane, s.priority, s.after
      FROM unnest(?::int[], ?::smallint[], ?::bigint[]) WITH ORDINALITY AS s(lane, priority, after, place)
      WHERE EXISTS (SELECT 1 FROM ready r WHERE r.lane = s.lane AND r.priority = s.priority AND r.seq > s.after OFFSET 0)
      ORDER BY s.place\
      """;

  /// The sequence first, the transaction id after it in a statement of its own: a transaction that
  /// draws a number in between must not count as ended. An id of its own, because no snapshot tells
  /// the highest one that was given out: `pg_snapshot_xmax` is that of the last to have ended, plus
  /// one.
  private static final String MARK =
      """
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ready_seq_seq;
      SELECT pg_current_xact_id()::text\
      """;

  private static final String ADVANCE =
      """
      SELECT s.lane, s.priority,
             least(?::bigint, (SELECT min(r.seq) - 1 FROM ready r
                               WHERE r.lane = s.lane AND r.priority = s.priority AND r.seq > s.after))
      FROM unnest(?::int[], ?::smallint[], ?::bigint[]) AS s(lane, priority, after)
      WHERE pg_snapshot_xmin(pg_current_snapshot()) >= ?::text::xid8\
      """;
  private static final String PROMOTE =
      """
      WITH due AS (
        DELETE FROM timer WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM timer WHERE run_at <= now() ORDER BY run_at LIMIT ? FOR UPDATE SKIP LOCKED))
        RETURNING run_at, id, lane, priority, attempt, failures, crashes),
      moved AS (
        INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
        SELECT lane, priority, id, attempt, failures, crashes FROM due ORDER BY run_at RETURNING lane)
      SELECT lane, count(*) FROM moved GROUP BY lane;
      SELECT min(run_at) FROM timer\
      """;
  private static final String CANCEL_REQUESTS = "SELECT id FROM cancel_request";
  private static final String SETTLE_CANCEL_REQUESTS =
      """
      WITH asked AS MATERIALIZED (SELECT ARRAY(SELECT id FROM cancel_request) AS ids),
      from_ready AS (
        DELETE FROM ready WHERE id = ANY((SELECT ids FROM asked)::uuid[]) RETURNING id, lane, attempt, failures, crashes),
      from_timer AS (
        DELETE FROM timer WHERE id = ANY((SELECT ids FROM asked)::uuid[]) RETURNING id, lane, attempt, failures, crashes),
      ended AS (
        INSERT INTO done (id, lane, status, attempt, failures, crashes, outcome, error_type, error_message)
        SELECT id, lane, ?, attempt, failures, crashes, ?, ?, ?
        FROM (SELECT * FROM from_ready UNION ALL SELECT * FROM from_timer) waiting
        ON CONFLICT (id) DO NOTHING
        RETURNING id),
      settled AS (
        DELETE FROM cancel_request c WHERE EXISTS (SELECT 1 FROM done d WHERE d.id = c.id) OR c.at < now() - interval '1 day')
      SELECT id FROM ended\
      """;

  /// A deadline whose job runs at this moment, or is just being claimed, is looked at again later:
  /// its node enforces it.
  private static final String EXPIRE =
      """
      WITH over AS MATERIALIZED (
        SELECT ARRAY(SELECT id FROM deadline WHERE at <= now() ORDER BY at LIMIT ? FOR UPDATE SKIP LOCKED) AS ids),
      from_ready AS (
        DELETE FROM ready WHERE id = ANY((SELECT ids FROM over)::uuid[]) RETURNING id, lane, attempt, failures, crashes),
      from_timer AS (
        DELETE FROM timer WHERE id = ANY((SELECT ids FROM over)::uuid[]) RETURNING id, lane, attempt, failures, crashes),
      ended AS (
        INSERT INTO done (id, lane, status, attempt, failures, crashes, outcome, error_type, error_message)
        SELECT id, lane, ?, attempt, failures, crashes, ?, ?, ?
        FROM (SELECT * FROM from_ready UNION ALL SELECT * FROM from_timer) waiting
        ON CONFLICT (id) DO NOTHING
        RETURNING id),
      later AS (
        INSERT INTO deadline (at, id)
        SELECT now() + interval '5 seconds', o.id FROM unnest((SELECT ids FROM over)::uuid[]) AS o(id)
        WHERE NOT EXISTS (SELECT 1 FROM done d WHERE d.id = o.id) AND NOT EXISTS (SELECT 1 FROM ended e WHERE e.id = o.id)
        ON CONFLICT DO NOTHING),
      looked_at AS (DELETE FROM deadline WHERE at <= now() AND id = ANY((SELECT ids FROM over)::uuid[]))
      SELECT id FROM ended\
      """;

  private final Connections connections;

  PostgresBacklog(Connections connections) {
    this.connections = connections;
  }

  @Override
  public List<Slot> occupied(List<Slot> slots) {
    return connections.with(sql -> {
      try (PreparedStatement look = sql.prepareStatement(OCCUPIED)) {
        bindSlots(new Binder(look), slots);
        return slots(look);
      }
    });
  }

  @Override
  public Mark mark() {
    return connections.with(sql -> {
      try (PreparedStatement mark = sql.prepareStatement(MARK)) {
        mark.execute();
        long seq = first(mark).getLong(1);
        mark.getMoreResults();
        return new Mark(seq, first(mark).getString(1));
      }
    });
  }

  @SuppressWarnings("MustBeClosed") // Closed with its statement.
  private static ResultSet first(PreparedStatement statement) throws SQLException {
    ResultSet row = statement.getResultSet();
    row.next();
    return row;
  }

  @Override
  public List<Slot> advance(Mark mark, List<Slot> slots) {
    return connections.with(sql -> {
      try (PreparedStatement advance = sql.prepareStatement(ADVANCE)) {
        Binder binder = new Binder(advance).set(mark.seq());
        bindSlots(binder, slots).set(mark.xid());
        return slots(advance);
      }
    });
  }

  @Override
  public Promoted promote(int limit) {
    return connections.with(sql -> {
      try (PreparedStatement promote = sql.prepareStatement(PROMOTE)) {
        promote.setInt(1, limit);
        promote.execute();
        List<Integer> lanes = new ArrayList<>();
        int count = 0;
        ResultSet moved = promote.getResultSet();
        while (moved.next()) {
          lanes.add(moved.getInt(1));
          count += moved.getInt(2);
        }
        promote.getMoreResults();
        Timestamp next = first(promote).getTimestamp(1);
        return new Promoted(lanes, count, next == null ? null : next.toInstant());
      }
    });
  }

  @Override
  public List<UUID> cancelRequests() {
    return connections.with(sql -> {
      try (PreparedStatement find = sql.prepareStatement(CANCEL_REQUESTS)) {
        return uuids(find);
      }
    });
  }

  @Override
  public List<UUID> settleCancelRequests() {
    return connections.with(sql -> {
      try (PreparedStatement settle = sql.prepareStatement(SETTLE_CANCEL_REQUESTS)) {
        bindEnd(
            new Binder(settle),
            JobStatus.CANCELLED,
            AttemptOutcome.CANCELLED,
            Lifecycle.cancelError());
        return uuids(settle);
      }
    });
  }

  @Override
  public List<UUID> expireDeadlines(int limit) {
    return connections.with(sql -> {
      try (PreparedStatement expire = sql.prepareStatement(EXPIRE)) {
        bindEnd(
            new Binder(expire).set(limit),
            JobStatus.DEAD,
            AttemptOutcome.TIMED_OUT,
            Lifecycle.deadlineError());
        return uuids(expire);
      }
    });
  }

  private static void bindEnd(
      Binder binder, JobStatus status, AttemptOutcome outcome, JobError error) throws SQLException {
    binder.set(status.code()).set(outcome.code()).set(error.type()).set(error.message());
  }

  private static Binder bindSlots(Binder binder, List<Slot> slots) throws SQLException {
    return binder.ints(slots, Slot::laneId).shorts(slots, Slot::priority).longs(slots, Slot::after);
  }

  private static List<Slot> slots(PreparedStatement statement) throws SQLException {
    List<Slot> slots = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        slots.add(new Slot(rows.getInt(1), rows.getInt(2), rows.getLong(3)));
      }
    }
    return slots;
  }

  private static List<UUID> uuids(PreparedStatement statement) throws SQLException {
    List<UUID> ids = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getObject(1, UUID.class));
      }
    }
    return ids;
  }
}
