package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/// Opens single connections with everything a session of ours needs.
final class Connector {
  /// A server that went away in the middle of an answer; statements themselves are bounded shorter.
  private static final int ANSWER_MILLIS = 30_000;

  private final Driver driver = new Driver();
  private final PostgresUrl url;
  private final String schema;
  private final Properties base;

  Connector(PostgresUrl url, String schema) {
    this.url = url;
    this.schema = schema;
    this.base = url.properties();
    base.setProperty("tcpKeepAlive", "true");
    base.setProperty("socketTimeout", Integer.toString(url.loginSeconds()));
    base.setProperty("sslResponseTimeout", "5000");
    base.setProperty("prepareThreshold", "1");
    base.setProperty("preparedStatementCacheQueries", "128");
    base.setProperty("preparedStatementCacheSizeMiB", "2");
    // Values of rows do not belong in logs.
    base.setProperty("logServerErrorDetail", "false");
  }

  /// A connection that is ready for use.
  Connection open(String purpose) throws SQLException {
    Connection connection = connect(purpose);
    try {
      Session.prepare(connection, schema);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /// A connection that [Session#prepare] has not seen yet.
  Connection connect(String purpose) throws SQLException {
    Properties properties = (Properties) base.clone();
    properties.setProperty("ApplicationName", applicationName(purpose));
    Connection connection = driver.connect(url.jdbcUrl(), properties);
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

  PostgresUrl url() {
    return url;
  }
}
