package dev.reseolio.bench.process;

import java.sql.Connection;
import java.sql.SQLException;

/// Jobs whose end is committed, as the database knows them. Asks rarely while much is missing, so
/// that the counting does not weigh on what is measured.
public final class Done implements AutoCloseable {
  private final Connection connection;

  public Done(String url) {
    connection = Postgres.open(url);
  }

  public long count() {
    return number("SELECT count(*) FROM reseolio.done");
  }

  /// When the first of the last jobs started, in milliseconds since 1970.
  public double firstStart(int last) {
    return number(
            "SELECT (extract(epoch FROM min(started_at)) * 1000000)::bigint"
                + " FROM (SELECT started_at FROM reseolio.done ORDER BY id DESC LIMIT "
                + last
                + ") AS l")
        / 1000.0;
  }

  private long number(String sql) {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Returns when so many have ended.
  public void await(long wanted) {
    long started = System.nanoTime();
    long before = count();
    long done = before;
    while (done < wanted) {
      double perNano = (done - before + 1.0) / (System.nanoTime() - started);
      double left = (wanted - done) / perNano / 1e6;
      Wait.millis(Math.clamp((long) (left * 0.7), 3, 200));
      done = count();
      if (System.nanoTime() - started > 120_000_000_000L) {
        throw new IllegalStateException("only " + done + " of " + wanted + " jobs ended");
      }
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
