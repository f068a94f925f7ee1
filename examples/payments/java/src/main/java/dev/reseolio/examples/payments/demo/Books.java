package dev.reseolio.examples.payments.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What really happened, as the database tells: the application's own tables in schema `demo`, and
/// the engine's in schema `reseolio`.
final class Books implements AutoCloseable {
  private static final String CREATE =
      """
      CREATE SCHEMA demo;
      CREATE TABLE demo.ledger (
        payment_id   text PRIMARY KEY,
        amount_cents bigint NOT NULL,
        worker       text NOT NULL,
        attempt      int NOT NULL,
        at           timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      -- One row per execution, without any key.
      CREATE TABLE demo.attempted (
        payment_id text NOT NULL,
        worker     text NOT NULL,
        attempt    int NOT NULL,
        at         timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      """;

  /// Handlers that began a moment ago and have not booked: they are running.
  private static final String BUSY =
      """
      SELECT count(*) FROM demo.attempted a
       WHERE a.worker = ? AND a.at > clock_timestamp() - interval '80 ms'
         AND NOT EXISTS (SELECT 1 FROM demo.ledger l WHERE l.payment_id = a.payment_id)
      """;

  private static final String PROGRESS =
      """
      SELECT (SELECT count(*) FROM reseolio.done),
             (SELECT count(*) FROM reseolio.attempt WHERE outcome IN (2, 3)),
             (SELECT count(*) FROM reseolio.attempt WHERE outcome IN (4, 5)),
             (SELECT count(*) FROM reseolio.attempt WHERE outcome IN (6, 7))
      """;

  /// Executions that were lost with a worker (4) or a node (5), and when their jobs began again.
  private static final String TAKEOVER =
      """
      SELECT count(*), count(again.at), min(again.at), max(again.at)
        FROM reseolio.attempt lost
        JOIN reseolio.job j ON j.id = lost.job
        LEFT JOIN LATERAL (
          SELECT min(a.at) AS at FROM demo.attempted a
           WHERE a.payment_id = j.key AND a.attempt > lost.attempt) again ON true
       WHERE lost.outcome = ?
      """;

  private static final String FACTS =
      """
      SELECT (SELECT count(*) FROM reseolio.job),
             (SELECT count(*) FROM reseolio.done WHERE status = 5),
             (SELECT count(*) FROM reseolio.done WHERE status <> 5),
             (SELECT sum(attempt) FROM reseolio.done),
             (SELECT count(*) FROM demo.attempted),
             (SELECT count(*) FROM (SELECT 1 FROM demo.ledger GROUP BY payment_id HAVING count(*) > 1) twice)
      """;

  private static final String FIRST_STARTS =
      "SELECT payment_id, min(at) FROM demo.attempted GROUP BY payment_id";
  private static final String LEDGER = "SELECT payment_id, amount_cents FROM demo.ledger";

  /// How far it is.
  ///
  /// @param lost executions that ended with their worker or node
  /// @param handedBack executions a worker gave back before it had begun them
  record Progress(int done, int retries, int lost, int handedBack) {}

  /// What became of the executions a killed process had in its hands.
  ///
  /// @param lost executions that ended with it
  /// @param again those of them whose jobs began again
  /// @param first from the kill to the first new beginning
  record Takeover(int lost, int again, Optional<Duration> first, Optional<Duration> last) {}

  /// @param jobs all there are
  /// @param attempts executions as the engine counts them
  /// @param executions handlers that began, as they counted themselves
  /// @param chargedTwice payments with more than one row in the ledger
  record Facts(
      int jobs, int succeeded, int unsuccessful, int attempts, int executions, int chargedTwice) {}

  private final Connection connection;

  Books(String jdbcUrl) throws SQLException {
    this.connection = DriverManager.getConnection(jdbcUrl);
  }

  void create() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(CREATE);
    }
  }

  /// True when the worker is charging a payment right now.
  synchronized boolean isBusy(Child worker) throws SQLException {
    return row(BUSY, Cast.signature(worker), row -> row.getInt(1) > 0);
  }

  synchronized Progress progress() throws SQLException {
    return row(
        PROGRESS,
        null,
        row -> new Progress(row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4)));
  }

  synchronized Takeover takeover(Kill kill) throws SQLException {
    return row(
        TAKEOVER,
        kill.what().lostAs(),
        row ->
            new Takeover(
                row.getInt(1), row.getInt(2), since(kill.at(), row, 3), since(kill.at(), row, 4)));
  }

  synchronized Facts facts() throws SQLException {
    return row(
        FACTS,
        null,
        row ->
            new Facts(
                row.getInt(1),
                row.getInt(2),
                row.getInt(3),
                row.getInt(4),
                row.getInt(5),
                row.getInt(6)));
  }

  /// When the first handler of each payment began.
  synchronized Map<String, Instant> firstStarts() throws SQLException {
    Map<String, Instant> starts = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(FIRST_STARTS)) {
      while (rows.next()) {
        starts.put(rows.getString(1), rows.getObject(2, OffsetDateTime.class).toInstant());
      }
    }
    return starts;
  }

  /// Cents by payment.
  synchronized Map<String, Long> ledger() throws SQLException {
    Map<String, Long> cents = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(LEDGER)) {
      while (rows.next()) {
        cents.put(rows.getString(1), rows.getLong(2));
      }
    }
    return cents;
  }

  private static Optional<Duration> since(Instant kill, ResultSet row, int column)
      throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(at -> Duration.between(kill, at.toInstant()));
  }

  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> T row(String sql, @Nullable Object parameter, Reader<T> reader) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      if (parameter != null) {
        query.setObject(1, parameter);
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return reader.read(row);
      }
    }
  }

  /// Safe from any thread, also while a question is under way.
  @Override
  public void close() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // Gone already: that is what was wanted.
    }
  }
}
