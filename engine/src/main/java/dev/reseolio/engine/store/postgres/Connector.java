package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/// Opens single connections with everything a session of ours needs.
final class Connector {
  /// A server that went away in the middle of an answer. Short statements have less, see
  /// [Connections].
  private static final int ANSWER_MILLIS = 30_000;

  private final Driver driver = new Driver();
  private final PostgresUrl url;
  private final String schema;
  private final Properties base;
  private final Timeline timeline;

  /// @param onFailover told when a connection finds the database failed over
  Connector(PostgresUrl url, String schema, Runnable onFailover) {
    this.timeline = new Timeline(onFailover);
    this.url = url;
    this.schema = schema;
    this.base = url.properties();
    base.setProperty("tcpKeepAlive", "true");
    if (!url.local()) {
      base.setProperty("socketFactory", AliveSockets.class.getName());
    }
    base.setProperty("socketTimeout", Integer.toString(url.loginSeconds()));
    base.setProperty("sslResponseTimeout", "5000");
    base.setProperty("prepareThreshold", "0"); // Until it is known that no pooler is in between.
    base.setProperty("preparedStatementCacheQueries", "128");
    base.setProperty("preparedStatementCacheSizeMiB", "2");
    // Values of rows do not belong in logs.
    base.setProperty("logServerErrorDetail", "false");
  }

  /// A connection that is ready for use. An old primary that came back after a failover is passed
  /// over: what it takes is lost.
  Connection open(String purpose) throws SQLException {
    for (String jdbcUrl : url.jdbcUrls()) {
      Connection connection = connect(jdbcUrl, purpose);
      try {
        Connection ready = prepare(connection);
        if (ready != null) {
          return ready;
        }
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
      connection.close();
    }
    throw new SQLException(
        "only a server from before the last failover answers: it is on an older timeline than %d"
            .formatted(timeline.current()),
        "08001");
  }

  /// The connection with its settings; null when the server is from before a failover.
  @Nullable Connection prepare(Connection connection) throws SQLException {
    Session.Told told = Session.prepare(connection, schema);
    if (!timeline.follow(told.timeline())) {
      return null;
    }
    if (told.pooled()) {
      return Pooled.over(connection, schema, timeline, told.timeline() != Timeline.UNKNOWN);
    }
    connection.unwrap(PGConnection.class).setPrepareThreshold(1);
    return connection;
  }

  /// A connection that [#prepare] has not seen yet.
  Connection connect(String purpose) throws SQLException {
    return connect(url.jdbcUrls().getFirst(), purpose);
  }

  private Connection connect(String jdbcUrl, String purpose) throws SQLException {
    Properties properties = (Properties) base.clone();
    properties.setProperty("ApplicationName", applicationName(purpose));
    Connection connection = driver.connect(jdbcUrl, properties);
    if (connection == null) {
      throw new SQLException("the driver does not know its own URL", "08001");
    }
    connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
    return connection;
  }

  String applicationName(String purpose) {
    String program = url.parameter("application_name");
    return "%s:%s:%s".formatted(program == null ? "reseolio" : program, schema, purpose);
  }

  String schema() {
    return schema;
  }

  Timeline timeline() {
    return timeline;
  }

  PostgresUrl url() {
    return url;
  }
}
