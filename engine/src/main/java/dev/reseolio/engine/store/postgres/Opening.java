package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/// The steps from a URL to connections that can be used: connect, check the server, migrate.
final class Opening {
  private final Connections connections;
  private final StartErrors errors;

  Opening(Connections connections) {
    this.connections = connections;
    this.errors = new StartErrors(connections.connector().url(), connections.connector().schema());
  }

  /// @throws StorageStartException for every reason there is
  void run() {
    try {
      Connection connection = connections.connector().connect("pool");
      try {
        check(connection); // Before the settings: an old server refuses those it does not know.
        Connection ready = connections.connector().prepare(connection);
        if (ready == null) {
          throw errors.readOnly();
        }
        new Migrator(ready, connections.schema(), Migration.known()).migrate();
        PostgresMaintenance.ensure(ready);
        connections.adopt(ready);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  /// Costs no round trip: the server has reported all of it while connecting.
  private void check(Connection connection) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    if (major < 14) {
      throw errors.tooOld(connection.getMetaData().getDatabaseProductVersion());
    }
    PGConnection session = connection.unwrap(PGConnection.class);
    if ("on".equals(session.getParameterStatus("in_hot_standby"))
        || "on".equals(session.getParameterStatus("default_transaction_read_only"))) {
      throw errors.readOnly();
    }
  }
}
