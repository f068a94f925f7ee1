package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.RecordedStep;
import dev.reseolio.engine.store.StepPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Single jobs by their id. The view `job_state` derives where each stands; listings are in
/// [JobListing].
final class PostgresJobs implements Jobs {
  /// At most the last 100 executions, the one that ended the job included: error texts may be long.
  private static final String FIND =
      """
      SELECT s.*, h.*
      FROM job_state s
      LEFT JOIN LATERAL (
        SELECT array_agg(a.attempt::int ORDER BY a.attempt) AS numbers,
               array_agg(a.outcome::int ORDER BY a.attempt) AS outcomes,
               array_agg((extract(epoch FROM a.started_at) * 1000000)::bigint ORDER BY a.attempt) AS starts,
               array_agg((extract(epoch FROM a.ended_at) * 1000000)::bigint ORDER BY a.attempt) AS ends,
               array_agg(a.owner ORDER BY a.attempt) AS nodes,
               array_agg((extract(epoch FROM a.retry_at) * 1000000)::bigint ORDER BY a.attempt) AS retries,
               array_agg(a.error_type ORDER BY a.attempt) AS types,
               array_agg(a.error_message ORDER BY a.attempt) AS messages,
               array_agg(a.error_stack ORDER BY a.attempt) AS stacks
        FROM (
          SELECT attempt, outcome, started_at, ended_at, owner, retry_at, error_type, error_message, error_stack
          FROM attempt WHERE attempt.job = s.id
          UNION ALL
          SELECT attempt, outcome, started_at, finished_at, owner, NULL, error_type, error_message, error_stack
          FROM done WHERE done.id = s.id AND done.started_at IS NOT NULL
          ORDER BY attempt DESC LIMIT 100) a) h ON true
      WHERE s.id = ?
      """;

  private static final String STEPS_OF =
      """
      SELECT key, attempt, recorded_at, octet_length(result) AS bytes
      FROM (SELECT * FROM step WHERE job = ? ORDER BY recorded_at DESC, key DESC LIMIT 1000) s
      ORDER BY recorded_at, key
      """;

  /// One more than a page has. Those that are not `inside` have no result: they tell that there is
  /// a next page.
  private static final String STEPS =
      """
      SELECT s.key, s.result_type, CASE WHEN s.inside THEN s.result END AS result, s.inside
      FROM (
        SELECT key, result_type, result, n <= %1$d AND (n = 1 OR bytes <= %2$d) AS inside
        FROM (
          SELECT key, result_type, result, row_number() OVER w AS n, sum(octet_length(result)) OVER w AS bytes
          FROM step WHERE job = ? AND key > ?
          WINDOW w AS (ORDER BY key ROWS UNBOUNDED PRECEDING)
          ORDER BY key LIMIT %1$d + 1) AS page) AS s
      ORDER BY s.key
      """
          .formatted(STEPS_OF_PAGE, STEPS_BYTES);

  private static final String ENDS =
      """
      SELECT f.id, f.status, f.attempt, f.result_type, f.result, f.error_type, f.error_message, f.error_stack
      FROM (
        SELECT d.*, sum(octet_length(d.result)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(d.result) AS before
        FROM unnest(?::uuid[]) AS u(id) CROSS JOIN LATERAL (SELECT * FROM done WHERE id = u.id LIMIT 1) AS d) AS f
      WHERE coalesce(f.before, 0) < 8388608
      """;
  private static final String UNKNOWN =
      """
      SELECT u.id FROM unnest(?::uuid[]) AS u(id) WHERE NOT EXISTS (SELECT FROM job j WHERE j.id = u.id OFFSET 0)
      """;
  private static final String LANE_OF =
      """
      SELECT lane FROM job WHERE id = ?
      """;
  private static final String CANCEL =
      """
      SELECT status, accepted, lane FROM cancel_job(?)
      """;

  /// The delete from `done` is the gate: of two callers the second waits at that row and finds it
  /// gone. An execution that ran keeps its outcome as an attempt; one that was cancelled before it
  /// started gives its number to the next. A request to cancel the round before is forgotten.
  private static final String RETRY =
      """
      WITH reopened AS (
        DELETE FROM done WHERE id = ? AND status IN (6, 7)
        RETURNING id, lane, owner, attempt, outcome, started_at, finished_at, failures, crashes, error_type, error_message, error_stack),
      history AS (
        INSERT INTO attempt (job, attempt, lane, owner, outcome, started_at, ended_at, failures, crashes, error_type, error_message, error_stack)
        SELECT id, attempt, lane, owner, outcome, started_at, finished_at, failures, crashes, error_type, error_message, error_stack
        FROM reopened WHERE started_at IS NOT NULL
        ON CONFLICT (job, attempt) DO NOTHING),
      forgotten AS (
        DELETE FROM cancel_request c WHERE c.id IN (SELECT o.id FROM reopened o)),
      waiting AS (
        INSERT INTO ready (lane, priority, id, attempt, failures, crashes)
        SELECT o.lane, j.priority, o.id, o.attempt + (o.started_at IS NOT NULL)::int, 0, 0
        FROM reopened o JOIN job j ON j.id = o.id AND j.lane = o.lane)
      SELECT 2 AS status, true AS accepted, lane FROM reopened
      """;

  private static final String STATUS =
      """
      SELECT status, false AS accepted, lane FROM job_state WHERE id = ?
      """;

  private final Connections connections;
  private final Lanes lanes;
  private final JobListing listing;

  PostgresJobs(Connections connections) {
    this.connections = connections;
    this.lanes = new Lanes(connections);
    this.listing = new JobListing(connections, lanes);
  }

  @Override
  public Lane lane(String function, String queue) {
    return lanes.named(function, queue);
  }

  @Override
  public Lane lane(int id) {
    return lanes.numbered(id);
  }

  @Override
  public Optional<Lane> laneOf(UUID id) {
    return connections.with(connection -> {
      try (PreparedStatement find = connection.prepareStatement(LANE_OF)) {
        new Binder(find).set(id);
        try (ResultSet row = find.executeQuery()) {
          return row.next()
              ? Optional.of(lanes.numbered(connection, row.getInt(1)))
              : Optional.empty();
        }
      }
    });
  }

  @Override
  public List<Lane> lanesOf(Collection<Integer> functionIds) {
    return lanes.ofFunctions(functionIds);
  }

  @Override
  public Optional<JobView> find(UUID id) {
    return connections.with(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(FIND)) {
        statement.setObject(1, id);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? Optional.of(found(connection, row)) : Optional.empty();
        }
      }
    });
  }

  private JobView found(Connection connection, ResultSet row) throws SQLException {
    boolean succeeded = row.getInt("status") == JobStatus.SUCCEEDED.code();
    return JobRows.view(
        row,
        lanes.numbered(connection, row.getInt("lane")),
        JobRows.payload(row, "args", "args_type"),
        succeeded ? JobRows.payload(row, "result", "result_type") : null,
        JobRows.attempts(row),
        stepsOf(connection, row.getObject("id", UUID.class)));
  }

  private static List<JobView.Step> stepsOf(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(STEPS_OF)) {
      new Binder(statement).set(id);
      List<JobView.Step> steps = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          steps.add(JobRows.step(row));
        }
      }
      return steps;
    }
  }

  @Override
  public StepPage steps(UUID job, String after) {
    return connections.with(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(STEPS)) {
        new Binder(statement).set(job).set(after);
        try (ResultSet row = statement.executeQuery()) {
          return page(row);
        }
      }
    });
  }

  private static StepPage page(ResultSet row) throws SQLException {
    List<RecordedStep> steps = new ArrayList<>();
    while (row.next()) {
      if (!row.getBoolean("inside")) {
        return new StepPage(steps, steps.getLast().key());
      }
      steps.add(
          new RecordedStep(row.getString("key"), JobRows.payload(row, "result", "result_type")));
    }
    return new StepPage(steps, null);
  }

  @Override
  public List<JobEnd> ends(Collection<UUID> ids) {
    return forIds(ENDS, ids, JobRows::end);
  }

  @Override
  public List<UUID> unknown(Collection<UUID> ids) {
    return forIds(UNKNOWN, ids, row -> row.getObject(1, UUID.class));
  }

  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> forIds(String sql, Collection<UUID> ids, Row<T> reader) {
    return connections.with(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
        List<T> found = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            found.add(reader.read(row));
          }
        }
        return found;
      }
    });
  }

  @Override
  public JobPage list(JobFilter filter) {
    return listing.page(filter);
  }

  @Override
  public Optional<Change> cancel(UUID id) {
    return connections.with(connection -> change(connection, CANCEL, id));
  }

  @Override
  public Optional<Change> retry(UUID id) {
    return connections.with(connection -> {
      Optional<Change> reopened = change(connection, RETRY, id);
      return reopened.isPresent() ? reopened : change(connection, STATUS, id);
    });
  }

  private static Optional<Change> change(Connection connection, String sql, UUID id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Change(JobStatus.of(row.getInt(1)), row.getBoolean(2), row.getInt(3)))
            : Optional.empty();
      }
    }
  }
}
