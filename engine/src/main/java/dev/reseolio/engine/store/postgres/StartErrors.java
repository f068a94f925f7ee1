package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;

/// Says why the database cannot be used, in words for the operator.
final class StartErrors {
  private final PostgresUrl url;
  private final String schema;

  StartErrors(PostgresUrl url, String schema) {
    this.url = url;
    this.schema = schema;
  }

  StorageStartException of(SQLException error) {
    Reason reason = reason(error);
    return new StorageStartException(reason, explain(reason, error), error);
  }

  private static Reason reason(SQLException error) {
    String state = String.valueOf(error.getSQLState());
    return switch (state) {
      case "3D000" -> Reason.STORAGE_DATABASE_MISSING;
      // A pooler says it as well, in the words of the protocol.
      case "08P01" ->
          SqlErrors.server(error) == null ? Reason.STORAGE_NOT_POSTGRESQL : Reason.STORAGE_FAILED;
      case "42501" -> Reason.STORAGE_NO_RIGHTS;
      case "25006" -> Reason.STORAGE_READ_ONLY;
      case "53300", "57P01", "57P02", "57P03" -> Reason.STORAGE_UNREACHABLE;
      default -> byClass(state, error);
    };
  }

  private static Reason byClass(String state, SQLException error) {
    if (state.startsWith("28")) {
      return Reason.STORAGE_AUTH_FAILED;
    }
    if (!state.startsWith("08")) {
      return Reason.STORAGE_FAILED;
    }
    String said = String.valueOf(error.getMessage());
    if (said.contains("targetServerType")) {
      return Reason.STORAGE_READ_ONLY;
    }
    if (tls(said)) {
      return Reason.STORAGE_TLS_FAILED;
    }
    // The driver rejects by itself: no password for a server that asks for one.
    return state.equals("08004") ? Reason.STORAGE_AUTH_FAILED : Reason.STORAGE_UNREACHABLE;
  }

  /// The driver has no state of its own for it; these two words it does not translate.
  private static boolean tls(String said) {
    return said.contains("SSL") || said.contains("HostnameVerifier");
  }

  private String explain(Reason reason, SQLException error) {
    String said = SqlErrors.message(error).replaceFirst("\\.$", "");
    return switch (reason) {
      case STORAGE_UNREACHABLE -> unreachable(said, error);
      case STORAGE_TLS_FAILED ->
          "PostgreSQL at %s gives no TLS connection as the storage URL asks for it: %s. Check that the server has ssl = on, that sslrootcert is the file of its certificate authority, and that the certificate is for this host name"
              .formatted(url.redacted(), said);
      case STORAGE_AUTH_FAILED ->
          "PostgreSQL at %s refuses the login: %s. Check user and password in the storage URL, and pg_hba.conf"
              .formatted(url.redacted(), said);
      case STORAGE_DATABASE_MISSING ->
          "PostgreSQL at %s has no database \"%s\": create it with  createdb %s"
              .formatted(url.redacted(), url.database(), url.database());
      case STORAGE_NOT_POSTGRESQL ->
          "what answers at %s does not speak the PostgreSQL protocol: %s. Check the port (PostgreSQL's is 5432)"
              .formatted(url.redacted(), said);
      case STORAGE_READ_ONLY ->
          "PostgreSQL at %s takes no writes (a standby, or set to read-only): point the storage URL at the primary, or name all hosts in it"
              .formatted(url.redacted());
      case STORAGE_NO_RIGHTS ->
          "role \"%s\" may not do what is needed: %s. As its owner or a superuser run:  CREATE SCHEMA IF NOT EXISTS %s AUTHORIZATION %s  (with the roles of docs/operate/roles.sql: run 'reseolio migrate' as reseolio_owner, then the script)"
              .formatted(url.user(), said, Session.quote(schema), Session.quote(url.user()));
      default -> "PostgreSQL at %s: %s%s".formatted(url.redacted(), said, poolerCure(said));
    };
  }

  /// In the words of PgBouncer.
  private static String poolerCure(String said) {
    if (said.contains("unsupported startup parameter")) {
      return ". A connection pooler refuses what the storage URL sends at the login: take it (options) out of the URL and give it to the role (ALTER ROLE … SET …), or name it in the pooler's ignore_startup_parameters";
    }
    return said.contains("statement pooling")
        ? ". Set the pooler to pool_mode = transaction, or connect to PostgreSQL directly"
        : "";
  }

  private String unreachable(String said, SQLException error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return switch (root) {
      case UnknownHostException _ -> unreachable("the host name is not known");
      case SocketTimeoutException silent when "Read timed out".equals(silent.getMessage()) ->
          "what answers at %s takes connections but says nothing. Check that the port is PostgreSQL's (5432) and that it is not frozen"
              .formatted(url.redacted());
      case SQLException _ -> unreachable(said);
      default -> unreachable(said + " (" + root.getMessage() + ")");
    };
  }

  private String unreachable(String why) {
    return "PostgreSQL at %s cannot be reached: %s. Check host and port, and that it runs"
        .formatted(url.redacted(), why);
  }

  StorageStartException tooOld(String version) {
    return new StorageStartException(
        Reason.STORAGE_TOO_OLD,
        "PostgreSQL at %s is version %s, but 14 or later is needed: upgrade it, or name another server"
            .formatted(url.redacted(), version),
        null);
  }

  StorageStartException readOnly() {
    return new StorageStartException(
        Reason.STORAGE_READ_ONLY,
        explain(Reason.STORAGE_READ_ONLY, new SQLException("read-only", "25006")),
        null);
  }
}
