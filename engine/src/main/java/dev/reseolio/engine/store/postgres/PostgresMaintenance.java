package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.Maintenance;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/// Partitions, one a day (UTC) for each of `job`, `done`, `attempt` and `step`: made ahead here,
/// dropped by [Prune].
final class PostgresMaintenance implements Maintenance {
  private static final int TRIES = 5;

  /// Yesterday, for clocks that run behind; three days ahead, for nodes that nobody looks after.
  /// And beside all of `job` those of `step`, which nodes of an older release do not make.
  private static final String MISSING =
      """
      SELECT d.parent, d.day
      FROM (
        SELECT p.parent, (now() AT TIME ZONE 'UTC')::date + n AS day
        FROM unnest(ARRAY['job', 'done', 'attempt', 'step']) AS p(parent), generate_series(-1, 3) AS n
        UNION
        SELECT 'step', to_date(right(c.relname, 8), 'YYYYMMDD')
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('job')) AS d
      WHERE to_regclass(quote_ident(d.parent || '_p' || to_char(d.day, 'YYYYMMDD'))) IS NULL
      ORDER BY d.day, d.parent
      """;

  private static final String ADD =
      """
      SELECT add_partition(?, ?)
      """;
  private static final String BOUND =
      """
      SET LOCAL lock_timeout = '1s'
      """;

  private final Connections connections;

  PostgresMaintenance(Connections connections) {
    this.connections = connections;
  }

  /// A partition that does not exist yet.
  private record Missing(String parent, LocalDate day) {}

  @Override
  public void ensurePartitions() {
    connections.with(connection -> {
      ensure(connection);
      return true;
    });
  }

  /// One query when all are there.
  static void ensure(Connection connection) throws SQLException {
    for (Missing partition : missing(connection)) {
      add(connection, partition);
    }
  }

  private static List<Missing> missing(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MISSING);
        ResultSet row = statement.executeQuery()) {
      List<Missing> missing = new ArrayList<>();
      while (row.next()) {
        missing.add(new Missing(row.getString(1), row.getObject(2, LocalDate.class)));
      }
      return missing;
    }
  }

  /// Each in a transaction of its own: no lock is held while the next is waited for.
  private static void add(Connection connection, Missing partition) throws SQLException {
    for (int tried = 1; ; tried++) {
      try {
        Connections.transaction(connection, c -> attach(c, partition));
        return;
      } catch (SQLException e) {
        if (SqlErrors.kind(e) != Kind.TRANSIENT || tried == TRIES) {
          throw e;
        }
      }
    }
  }

  private static boolean attach(Connection connection, Missing partition) throws SQLException {
    try (Statement bound = connection.createStatement();
        PreparedStatement add = connection.prepareStatement(ADD)) {
      bound.execute(BOUND);
      add.setString(1, partition.parent());
      add.setObject(2, partition.day());
      return add.execute();
    }
  }

  @Override
  public long prune(Duration retention) {
    return Prune.run(connections, retention);
  }
}
