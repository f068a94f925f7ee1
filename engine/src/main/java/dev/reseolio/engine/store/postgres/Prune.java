package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// One run of forgetting what is older than the retention. Runs on a connection of its own, with
/// the planner unpinned; DETACH CONCURRENTLY cannot be in a transaction. So one on a second
/// connection holds the lock that lets a single node do it: a lock of a session would stay with a
/// pooler.
///
/// A day whose jobs are all finished goes as a whole. `job` goes first: a job without its `done`
/// row would look as if it ran. Whatever meets a table in use gives up soon and is taken up by the
/// next run, also a detach that stopped halfway.
final class Prune {
  private static final System.Logger LOG = System.getLogger(Prune.class.getName());
  private static final int BATCH = 5000;
  private static final int PATIENCE_MILLIS = 600_000;

  private static final String UNPIN =
      """
      SELECT set_config('enable_seqscan', 'on', ${local}),
             set_config('enable_hashjoin', 'on', ${local}),
             set_config('enable_mergejoin', 'on', ${local}),
             set_config('plan_cache_mode', 'force_custom_plan', ${local}),
             set_config('lock_timeout', '1s', ${local})
      """;
  private static final String LEAD =
      """
      SELECT pg_try_advisory_xact_lock(hashtextextended('reseolio prune ' || current_schema(), 0))
      """;

  /// Sent after the question, whose snapshot is held until another statement follows: FINALIZE
  /// waits for old snapshots.
  private static final String STAY =
      """
      SET LOCAL idle_in_transaction_session_timeout = 0
      """;

  /// Partitions of days that are over for longer than the retention; attached, half detached or
  /// detached.
  private static final String OLD =
      """
      SELECT to_char(d.day, 'YYYYMMDD'), id_of(d.day::timestamp AT TIME ZONE 'UTC'), id_of((d.day + 1)::timestamp AT TIME ZONE 'UTC')
      FROM (
        SELECT DISTINCT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
        FROM pg_class c
        WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r' AND c.relname ~ '^(job|done|attempt|step)_p[0-9]{8}$') d
      WHERE (d.day + 1)::timestamp AT TIME ZONE 'UTC' <= now() - ? * interval '1 millisecond'
      ORDER BY d.day
      """;

  private static final String STATE =
      """
      SELECT CASE WHEN c.oid IS NULL THEN 'gone' WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END
      FROM (SELECT to_regclass(quote_ident(?)) AS oid) c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
      """;

  /// Jobs of a day, and whether one of them is unfinished or finished only lately.
  private static final String LOOK =
      """
      SELECT count(*),
             coalesce(bool_or(d.id IS NULL OR d.finished_at > now() - ? * interval '1 millisecond'), false)
               OR EXISTS (SELECT FROM ready r WHERE r.id >= ? AND r.id < ?)
      FROM job j LEFT JOIN done d ON d.id = j.id AND d.id >= ? AND d.id < ?
      WHERE j.id >= ? AND j.id < ?
      """;

  private static final String BACK_IN_LIFE =
      """
      SELECT EXISTS (SELECT FROM ready WHERE id >= ? AND id < ?) OR EXISTS (SELECT FROM timer WHERE id >= ? AND id < ?)
          OR EXISTS (SELECT FROM lease WHERE id >= ? AND id < ?)
      """;
  private static final String DETACH =
      """
      ALTER TABLE ${schema}.${parent} DETACH PARTITION ${schema}.${part} CONCURRENTLY
      """;
  private static final String FINALIZE =
      """
      ALTER TABLE ${parent} DETACH PARTITION ${part} FINALIZE
      """;
  private static final String ATTACH_AGAIN =
      """
      ALTER TABLE ${parent} ATTACH PARTITION ${part} FOR VALUES FROM ('${from}') TO ('${to}')
      """;
  private static final String DROP =
      """
      DROP TABLE ${part}
      """;

  /// Locks the ends first, so that a retry at the same time either comes before, and keeps its job,
  /// or finds nothing.
  private static final String DELETE_FINISHED =
      """
      WITH over AS MATERIALIZED (
        SELECT id FROM done WHERE id >= ? AND id < ? AND finished_at <= now() - ? * interval '1 millisecond'
        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED),
      history AS (DELETE FROM attempt a USING over WHERE a.job = over.id AND a.job >= ? AND a.job < ?),
      parts AS (DELETE FROM step s USING over WHERE s.job = over.id AND s.job >= ? AND s.job < ?),
      specs AS (DELETE FROM job j USING over WHERE j.id = over.id AND j.id >= ? AND j.id < ?)
      DELETE FROM done d USING over WHERE d.id = over.id AND d.id >= ? AND d.id < ?
      """;

  private static final String DELETE_KEYS =
      """
      DELETE FROM job_key WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM job_key WHERE expires_at <= now() LIMIT ? FOR UPDATE SKIP LOCKED))
      """;
  private static final String DELETE_DEADLINES =
      """
      DELETE FROM deadline l WHERE l.id < ? AND NOT EXISTS (SELECT FROM job j WHERE j.id = l.id)
      """;
  private static final String DELETE_NODES =
      """
      WITH settled AS (
        DELETE FROM node WHERE state = 3 AND ended_at <= now() - ? * interval '1 millisecond' RETURNING id)
      DELETE FROM node_beat b USING settled WHERE b.node = settled.id
      """;

  /// Autovacuum never looks at the parents.
  private static final String ANALYZE =
      """
      ANALYZE job, done, attempt, step
      """;

  /// For the one statement that cannot have its settings with it behind a pooler.
  private static final int BARE_SECONDS = 2;

  private final Connections connections;
  private final Connection connection;
  private final long retentionMillis;

  private Prune(Connections connections, Connection connection, Duration retention) {
    this.connections = connections;
    this.connection = connection;
    this.retentionMillis = retention.toMillis();
  }

  /// A partition's day: the end of its name, and its bounds.
  private record Day(String name, UUID from, UUID to) {
    String part(String parent) {
      return parent + "_p" + name;
    }
  }

  /// Returns how many jobs went; 0 also when somebody else is at it.
  static long run(Connections connections, Duration retention) {
    try (Connection lock = connections.openDedicated("prune")) {
      return Connections.transaction(lock, sql -> leads(sql) ? prune(connections, retention) : 0L);
    } catch (SQLException e) {
      throw SqlErrors.store(e);
    }
  }

  private static boolean leads(Connection lock) throws SQLException {
    try (Statement lead = lock.createStatement()) {
      boolean leads;
      try (ResultSet row = lead.executeQuery(LEAD)) {
        leads = row.next() && row.getBoolean(1);
      }
      lead.execute(STAY);
      return leads;
    }
  }

  private static long prune(Connections connections, Duration retention) throws SQLException {
    try (Connection connection = connections.openDedicated("prune")) {
      connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
      Session.set(connection, UNPIN);
      return new Prune(connections, connection, retention).forgetAll();
    }
  }

  private long forgetAll() throws SQLException {
    long gone = 0;
    for (Day day : old()) {
      gone += forget(day);
    }
    repeat(DELETE_KEYS, BATCH);
    update(DELETE_NODES, retentionMillis);
    try (Statement statement = connection.createStatement()) {
      statement.execute(ANALYZE);
    } catch (SQLException e) {
      notNow(e);
    }
    return gone;
  }

  private List<Day> old() throws SQLException {
    List<Day> days = new ArrayList<>();
    try (PreparedStatement statement = prepare(OLD, retentionMillis);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        days.add(
            new Day(row.getString(1), row.getObject(2, UUID.class), row.getObject(3, UUID.class)));
      }
    }
    return days;
  }

  private long forget(Day day) throws SQLException {
    long jobs = 0;
    if (state("job", day).equals("attached")) {
      try (PreparedStatement look = prepareLook(day);
          ResultSet row = look.executeQuery()) {
        row.next();
        if (row.getBoolean(2)) {
          return deleteFinished(day);
        }
        jobs = row.getLong(1);
      }
    }
    if (!removed("job", day)) {
      return 0;
    }
    boolean done = removed("done", day);
    boolean attempts = removed("attempt", day);
    boolean steps = removed("step", day);
    if (done && attempts && steps) {
      update(DELETE_DEADLINES, day.to());
    }
    return jobs;
  }

  private PreparedStatement prepareLook(Day day) throws SQLException {
    return prepare(
        LOOK, retentionMillis, day.from(), day.to(), day.from(), day.to(), day.from(), day.to());
  }

  private String state(String parent, Day day) throws SQLException {
    try (PreparedStatement statement = prepare(STATE, day.part(parent));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /// Detaches and drops one table of a day, from wherever an earlier run stopped. False: in use, or
  /// a job of it came back to life.
  private boolean removed(String parent, Day day) throws SQLException {
    try {
      switch (state(parent, day)) {
        case "gone" -> {
          return true;
        }
        case "attached" -> detach(parent, day);
        case "pending" -> execute(FINALIZE, parent, day);
        default -> {}
      }
      if (parent.equals("job") && backInLife(day)) {
        execute(ATTACH_AGAIN, parent, day);
        return false;
      }
      execute(DROP, parent, day);
      return true;
    } catch (SQLException e) {
      notNow(e);
      return false;
    }
  }

  /// Somebody retried a job after the look and before the detach.
  private boolean backInLife(Day day) throws SQLException {
    try (PreparedStatement statement =
            prepare(
                BACK_IN_LIFE, day.from(), day.to(), day.from(), day.to(), day.from(), day.to());
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /// Not in a transaction, so behind a pooler without settings; there its time is bounded.
  private void detach(String parent, Day day) throws SQLException {
    try (Statement statement = Pooled.bare(connection).createStatement()) {
      if (Pooled.is(connection)) {
        statement.setQueryTimeout(BARE_SECONDS);
      }
      statement.execute(about(Session.named(DETACH, connections.schema()), parent, day));
    }
  }

  private void execute(String sql, String parent, Day day) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(about(sql, parent, day));
    }
  }

  private static String about(String sql, String parent, Day day) {
    return sql.replace("${parent}", parent)
        .replace("${part}", day.part(parent))
        .replace("${from}", day.from().toString())
        .replace("${to}", day.to().toString());
  }

  /// Passes over what the next run can do as well: a table in use, another detach half done.
  private static void notNow(SQLException e) throws SQLException {
    if (SqlErrors.kind(e) != Kind.TRANSIENT && !"55000".equals(e.getSQLState())) {
      throw e;
    }
    LOG.log(System.Logger.Level.DEBUG, "left for the next run: {0}", SqlErrors.message(e));
  }

  private long deleteFinished(Day day) throws SQLException {
    return repeat(
        DELETE_FINISHED,
        day.from(),
        day.to(),
        retentionMillis,
        BATCH,
        day.from(),
        day.to(),
        day.from(),
        day.to(),
        day.from(),
        day.to(),
        day.from(),
        day.to());
  }

  /// Until a batch is not full.
  private long repeat(String sql, Object... parameters) throws SQLException {
    long all = 0;
    int batch;
    do {
      batch = update(sql, parameters);
      all += batch;
    } while (batch == BATCH);
    return all;
  }

  private int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }
}
