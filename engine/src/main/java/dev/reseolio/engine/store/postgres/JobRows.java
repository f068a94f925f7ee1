package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Rows of the view `job_state` as values.
final class JobRows {
  private JobRows() {}

  /// @param args empty in listings
  /// @param result null in listings
  /// @param attempts empty in listings
  /// @param steps empty in listings
  static JobView view(
      ResultSet row,
      Lane lane,
      Payload args,
      @Nullable Payload result,
      List<JobView.Attempt> attempts,
      List<JobView.Step> steps)
      throws SQLException {
    JobStatus status = JobStatus.of(row.getInt("status"));
    Progress progress =
        new Progress(row.getInt("attempt"), row.getInt("failures"), row.getInt("crashes"));
    UUID id = row.getObject("id", UUID.class);
    JobError error = error(row);
    Instant runAt = instant(row, "run_at");
    JobEnd end =
        status.terminal()
            ? new JobEnd(
                id,
                status,
                progress.attempt(),
                result,
                status == JobStatus.SUCCEEDED ? null : error)
            : null;
    return new JobView(
        id,
        lane,
        job(row, lane, args),
        sure(instant(row, "created_at")),
        status,
        progress,
        runAt,
        instant(row, "started_at"),
        instant(row, "finished_at"),
        end,
        error,
        attempts,
        steps,
        why(status, progress, runAt, row.getBoolean("offered")));
  }

  private static NewJob job(ResultSet row, Lane lane, Payload args) throws SQLException {
    return new NewJob(
        new NewJob.Target(lane.function(), lane.queue()),
        row.getInt("priority"),
        args,
        new RunPolicy(
            row.getInt("max_attempts"),
            Backoff.decode(row.getString("backoff")),
            Duration.ofMillis(row.getLong("timeout_ms"))),
        new NewJob.Due(instant(row, "asked_for"), instant(row, "deadline_at")),
        new NewJob.Labels(
            row.getString("key"),
            NewJob.Labels.DEFAULT_KEY_TTL,
            List.of(array(row, "tags", String[].class, new String[0]))));
  }

  private static @Nullable String why(
      JobStatus status, Progress progress, @Nullable Instant runAt, boolean offered) {
    return switch (status) {
      case PENDING ->
          offered
              ? "all workers that offer the function are busy"
              : "no connected worker offers this function";
      case SCHEDULED -> (progress.attempt() > 1 ? "next attempt at " : "due at ") + runAt;
      case WAITING -> "suspended";
      case RUNNING, SUCCEEDED, DEAD, CANCELLED -> null;
    };
  }

  static JobEnd end(ResultSet row) throws SQLException {
    JobStatus status = JobStatus.of(row.getInt("status"));
    boolean succeeded = status == JobStatus.SUCCEEDED;
    return new JobEnd(
        row.getObject("id", UUID.class),
        status,
        row.getInt("attempt"),
        succeeded ? payload(row, "result", "result_type") : null,
        succeeded ? null : error(row));
  }

  static Payload payload(ResultSet row, String data, String type) throws SQLException {
    byte[] bytes = row.getBytes(data);
    return bytes == null ? Payload.EMPTY : new Payload(bytes, row.getString(type));
  }

  private static @Nullable JobError error(ResultSet row) throws SQLException {
    String type = row.getString("error_type");
    return type == null
        ? null
        : new JobError(type, text(row.getString("error_message")), row.getString("error_stack"));
  }

  /// The finished executions, which come as one array per column.
  static List<JobView.Attempt> attempts(ResultSet row) throws SQLException {
    Integer[] numbers = array(row, "numbers", Integer[].class, new Integer[0]);
    if (numbers.length == 0) {
      return List.of();
    }
    Integer[] outcomes = array(row, "outcomes", Integer[].class, numbers);
    @Nullable Long[] started = array(row, "starts", Long[].class, new Long[0]);
    @Nullable Long[] ended = array(row, "ends", Long[].class, new Long[0]);
    @Nullable Integer[] nodes = array(row, "nodes", Integer[].class, new Integer[0]);
    @Nullable Long[] retries = array(row, "retries", Long[].class, new Long[0]);
    String[][] errors = {
      array(row, "types", String[].class, new String[0]),
      array(row, "messages", String[].class, new String[0]),
      array(row, "stacks", String[].class, new String[0])
    };
    List<JobView.Attempt> attempts = new ArrayList<>(numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      Integer node = nodes[i];
      attempts.add(
          new JobView.Attempt(
              numbers[i],
              AttemptOutcome.of(outcomes[i]),
              micros(started[i]),
              sure(micros(ended[i])),
              node == null ? 0 : node,
              micros(retries[i]),
              errors[0][i] == null
                  ? null
                  : new JobError(errors[0][i], text(errors[1][i]), errors[2][i])));
    }
    return attempts;
  }

  static JobView.Step step(ResultSet row) throws SQLException {
    return new JobView.Step(
        row.getString("key"),
        row.getInt("attempt"),
        sure(instant(row, "recorded_at")),
        row.getLong("bytes"));
  }

  private static <T> T[] array(ResultSet row, String column, Class<T[]> type, T[] none)
      throws SQLException {
    Array array = row.getArray(column);
    return array == null ? none : type.cast(array.getArray());
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static @Nullable Instant micros(@Nullable Long micros) {
    return micros == null ? null : Instant.EPOCH.plusNanos(Math.multiplyExact(micros, 1000L));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }

  private static Instant sure(@Nullable Instant at) {
    return at == null ? Instant.EPOCH : at;
  }
}
