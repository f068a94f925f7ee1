package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Pages of jobs, newest first, by descending id; never by offset. Four ways in, by what narrows
/// most: jobs that failed, jobs that are not finished, jobs of one lane, all jobs. What no index
/// answers is looked for among the next [#WINDOW] jobs, so that every page takes about the same
/// time; such a page may be short although there is a next one.
final class JobListing {
  private static final int WINDOW = 20_000;
  private static final Set<JobStatus> UNSUCCESSFUL =
      EnumSet.of(JobStatus.DEAD, JobStatus.CANCELLED);
  private static final UUID LEAST = new UUID(0, 0);
  private static final UUID GREATEST = new UUID(-1, -1);

  private static final String LIMIT_TIME =
      """
      SET LOCAL statement_timeout = '2s'
      """;

  /// Plans for these values, and only such that read an index in order until the page is full:
  /// otherwise rare values are collected in bitmaps and sorted.
  private static final String READ_IN_ORDER =
      """
      SET LOCAL plan_cache_mode = force_custom_plan;
      SET LOCAL enable_sort = off;
      SET LOCAL enable_bitmapscan = off
      """;

  /// Parameters: from, before, lanes (null: any), statuses (null: any), tags it must have, rows.
  private static final String ALL =
      """
      SELECT s.*
      FROM job_line s
      WHERE s.id >= ? AND s.id < ?
        AND s.lane = ANY (coalesce(?::int[], ARRAY[s.lane]))
        AND s.status = ANY (coalesce(?::int[], ARRAY[s.status::int]))
        AND coalesce(s.tags, '{}') @> ?::text[]
      ORDER BY s.id DESC
      LIMIT ?
      """;

  /// Parameters as for all, with one lane.
  private static final String ONE_LANE =
      """
      SELECT s.*
      FROM job_line s
      WHERE s.id >= ? AND s.id < ?
        AND s.lane = (?::int[])[1]
        AND s.status = ANY (coalesce(?::int[], ARRAY[s.status::int]))
        AND coalesce(s.tags, '{}') @> ?::text[]
      ORDER BY s.lane DESC, s.id DESC
      LIMIT ?
      """;

  /// OFFSET 0 skips nothing: it keeps the planner from starting with `job` instead of the few.
  /// Parameters: for dead and for cancelled: wanted, from, before; then lanes, statuses, tags,
  /// rows.
  private static final String DONE_BADLY =
      """
      SELECT s.*
      FROM (
        SELECT d.id FROM done d WHERE ? AND d.status = 6 AND d.id >= ? AND d.id < ?
        UNION ALL
        SELECT d.id FROM done d WHERE ? AND d.status = 7 AND d.id >= ? AND d.id < ?
        ORDER BY id DESC OFFSET 0) c
      CROSS JOIN LATERAL (SELECT * FROM job_line l WHERE l.id = c.id OFFSET 0) s
      WHERE s.lane = ANY (coalesce(?::int[], ARRAY[s.lane]))
        AND s.status = ANY (coalesce(?::int[], ARRAY[s.status::int]))
        AND coalesce(s.tags, '{}') @> ?::text[]
      ORDER BY c.id DESC
      LIMIT ?
      """;

  /// Parameters: for pending, scheduled and, twice, running: wanted, from, before; then lanes,
  /// statuses, tags, rows. What runs has a row in lease, or none anywhere: then it is not below the
  /// low id of the node that holds it.
  private static final String UNFINISHED =
      """
      SELECT s.*
      FROM (
        SELECT r.id FROM ready r WHERE ? AND r.id >= ? AND r.id < ?
        UNION ALL
        SELECT t.id FROM timer t WHERE ? AND t.id >= ? AND t.id < ?
        UNION ALL
        SELECT l.id FROM lease l WHERE ? AND l.id >= ? AND l.id < ?
        UNION ALL
        SELECT j.id FROM job j
        WHERE ? AND j.id >= ? AND j.id < ? AND j.owner IS NOT NULL
          AND j.id >= (SELECT b.low_id FROM node_beat b JOIN node n ON n.id = b.node WHERE n.state < 3 ORDER BY b.low_id LIMIT 1)
          AND NOT EXISTS (SELECT FROM done d WHERE d.id = j.id) AND NOT EXISTS (SELECT FROM lease l WHERE l.id = j.id)
          AND NOT EXISTS (SELECT FROM ready r WHERE r.id = j.id) AND NOT EXISTS (SELECT FROM timer t WHERE t.id = j.id)
        ORDER BY id DESC OFFSET 0) c
      CROSS JOIN LATERAL (SELECT * FROM job_line l WHERE l.id = c.id OFFSET 0) s
      WHERE s.lane = ANY (coalesce(?::int[], ARRAY[s.lane]))
        AND s.status = ANY (coalesce(?::int[], ARRAY[s.status::int]))
        AND coalesce(s.tags, '{}') @> ?::text[]
      ORDER BY c.id DESC
      LIMIT ?
      """;

  /// The end of a window: its least id when it is full, else no row.
  private static final String WINDOW_OF_ALL =
      """
      SELECT (array_agg(w.id ORDER BY w.id))[1]
      FROM (SELECT j.id FROM job j WHERE j.id >= ? AND j.id < ? ORDER BY j.id DESC LIMIT ?) w
      HAVING count(*) = ?
      """;

  private static final String WINDOW_OF_LANE =
      """
      SELECT (array_agg(w.id ORDER BY w.id))[1]
      FROM (
        SELECT j.id FROM job j WHERE j.id >= ? AND j.id < ? AND j.lane = ? ORDER BY j.lane DESC, j.id DESC LIMIT ?) w
      HAVING count(*) = ?
      """;

  private final Connections connections;
  private final Lanes lanes;

  JobListing(Connections connections, Lanes lanes) {
    this.connections = connections;
    this.lanes = lanes;
  }

  JobPage page(JobFilter filter) {
    if (filter.function() == null && filter.queue() == null) {
      return page(filter, null);
    }
    List<Lane> wanted = lanes.matching(filter.function(), filter.queue());
    return wanted.isEmpty()
        ? new JobPage(List.of(), null)
        : page(filter, wanted.stream().map(Lane::id).toArray(Integer[]::new));
  }

  private JobPage page(JobFilter filter, Integer @Nullable [] laneIds) {
    return connections.inTransaction(connection -> {
      try (Statement settings = connection.createStatement()) {
        settings.execute(LIMIT_TIME + ";" + READ_IN_ORDER);
      }
      return new Query(connection, filter, laneIds).run();
    });
  }

  /// One listing on its way.
  private final class Query {
    private final Connection connection;
    private final JobFilter filter;
    private final Integer @Nullable [] laneIds;
    private final UUID from;
    private final UUID before;

    Query(Connection connection, JobFilter filter, Integer @Nullable [] laneIds) {
      this.connection = connection;
      this.filter = filter;
      this.laneIds = laneIds;
      this.from = filter.createdAfter() == null ? LEAST : Ids.floor(filter.createdAfter());
      this.before = earlier(filter.before(), filter.createdBefore());
    }

    JobPage run() throws SQLException {
      Set<JobStatus> statuses = filter.statuses();
      if (!statuses.isEmpty() && UNSUCCESSFUL.containsAll(statuses)) {
        return answer(
            DONE_BADLY, from, List.of(wants(JobStatus.DEAD), wants(JobStatus.CANCELLED)), null);
      }
      if (!statuses.isEmpty() && statuses.stream().noneMatch(JobStatus::terminal)) {
        boolean running = wants(JobStatus.RUNNING);
        return answer(
            UNFINISHED,
            from,
            List.of(wants(JobStatus.PENDING), wants(JobStatus.SCHEDULED), running, running),
            null);
      }
      UUID end = filtersRows() ? windowEnd() : null;
      return answer(oneLane() ? ONE_LANE : ALL, end == null ? from : end, List.of(), end);
    }

    private boolean wants(JobStatus status) {
      return filter.statuses().contains(status);
    }

    private boolean oneLane() {
      return laneIds != null && laneIds.length == 1;
    }

    private boolean filtersRows() {
      return !filter.statuses().isEmpty()
          || filter.tag() != null
          || (laneIds != null && laneIds.length > 1);
    }

    private @Nullable UUID windowEnd() throws SQLException {
      boolean one = laneIds != null && laneIds.length == 1;
      try (PreparedStatement statement =
          connection.prepareStatement(one ? WINDOW_OF_LANE : WINDOW_OF_ALL)) {
        statement.setObject(1, from);
        statement.setObject(2, before);
        int next = 3;
        if (laneIds != null && one) {
          statement.setInt(next++, laneIds[0]);
        }
        statement.setInt(next++, WINDOW);
        statement.setInt(next, WINDOW);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? row.getObject(1, UUID.class) : null;
        }
      }
    }

    /// @param wanted for each branch of the statement whether it is wanted; empty: no branches
    /// @param end where the next page begins when this one is not full; null: nowhere
    private JobPage answer(String sql, UUID from, List<Boolean> wanted, @Nullable UUID end)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        int at = 0;
        for (boolean branch : wanted) {
          statement.setBoolean(++at, branch);
          statement.setObject(++at, from);
          statement.setObject(++at, before);
        }
        if (wanted.isEmpty()) {
          statement.setObject(++at, from);
          statement.setObject(++at, before);
        }
        statement.setArray(++at, array("int4", laneIds));
        statement.setArray(++at, array("int4", statusCodes()));
        statement.setArray(++at, array("text", tags()));
        statement.setInt(++at, filter.size() + 1);
        return page(rows(statement), end);
      }
    }

    private java.sql.@Nullable Array array(String type, Object @Nullable [] values)
        throws SQLException {
      return values == null ? null : connection.createArrayOf(type, values);
    }

    private Integer @Nullable [] statusCodes() {
      return filter.statuses().isEmpty()
          ? null
          : filter.statuses().stream().map(JobStatus::code).toArray(Integer[]::new);
    }

    private String[] tags() {
      String tag = filter.tag();
      return tag == null ? new String[0] : new String[] {tag};
    }

    private List<JobView> rows(PreparedStatement statement) throws SQLException {
      List<JobView> views = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Lane lane = lanes.numbered(connection, row.getInt("lane"));
          views.add(JobRows.view(row, lane, Payload.EMPTY, null, List.of(), List.of()));
        }
      }
      return views;
    }

    private JobPage page(List<JobView> found, @Nullable UUID end) {
      if (found.size() <= filter.size()) {
        return new JobPage(found, end);
      }
      List<JobView> shown = List.copyOf(found.subList(0, filter.size()));
      return new JobPage(shown, shown.getLast().id());
    }
  }

  private static UUID earlier(@Nullable UUID before, @Nullable Instant createdBefore) {
    UUID a = before == null ? GREATEST : before;
    UUID b = createdBefore == null ? GREATEST : Ids.floor(createdBefore);
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    int low = Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    return high < 0 || (high == 0 && low < 0) ? a : b;
  }
}
