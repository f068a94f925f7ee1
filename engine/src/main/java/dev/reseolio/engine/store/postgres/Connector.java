package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/// Opens single connections with everything a session of ours needs.
final class Connector {
  private final Driver driver = new Driver();
  private final PostgresUrl url;
  private final String schema;
  private final Properties base;

  Connector(PostgresUrl url, String schema) {
    this.url = url;
    this.schema = schema;
    this.base = url.properties();
    base.setProperty("tcpKeepAlive", "true");
    // A server that went away in the middle of an answer; statements themselves are bounded
    // shorter.
    base.setProperty("socketTimeout", "30");
    base.setProperty("sslResponseTimeout", "5000");
    base.setProperty("prepareThreshold", "1");
    base.setProperty("preparedStatementCacheQueries", "128");
    base.setProperty("preparedStatementCacheSizeMiB", "2");
    // Values of rows do not belong in logs.
    base.setProperty("logServerErrorDetail", "false");
  }

  Connection open(String purpose) throws SQLException {
    Properties properties = (Properties) base.clone();
    properties.setProperty("ApplicationName", applicationName(purpose));
    Connection connection = driver.connect(url.jdbcUrl(), properties);
    if (connection == null) {
      throw new SQLException("the driver does not know its own URL", "08001");
    }
    try {
      Session.prepare(connection, schema);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
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
