package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// Sorts database errors by what the caller can do about them. Messages carry the SQLSTATE and the
/// names of what was hit, never statements or values.
final class SqlErrors {
  private SqlErrors() {}

  static StoreException store(SQLException error) {
    SQLException told = teller(error);
    Kind kind = kind(told);
    return new StoreException(kind, message(told), error);
  }

  static Kind kind(SQLException error) {
    SQLException told = teller(error);
    String state = told.getSQLState();
    if (state == null || state.length() < 5) {
      return Kind.UNAVAILABLE; // Not from the server: the pool or the driver could not reach it.
    }
    return switch (state) {
      case "RS001" -> Kind.FENCED;
      // Shutdown, crash, starting, dropped, idle too long; the session is gone.
      case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04" -> Kind.UNAVAILABLE;
      // No slot left; completion unknown; no such database (any more).
      case "53300", "40003", "3D000" -> Kind.UNAVAILABLE;
      case "55P03", "55006", "57014", "25006" -> Kind.TRANSIENT;
      // A prepared statement that a pooler or a migration took away; see unprepared.
      case "26000" -> Kind.TRANSIENT;
      case "0A000" -> replanned(told) ? Kind.TRANSIENT : Kind.REJECTED;
      default -> byClass(state.substring(0, 2));
    };
  }

  /// The connection is of no more use after this error.
  static boolean broken(Connection connection, SQLException error) throws SQLException {
    return connection.isClosed() || kind(error) == Kind.UNAVAILABLE;
  }

  private static Kind byClass(String sqlClass) {
    return switch (sqlClass) {
      case "08", "28" -> Kind.UNAVAILABLE;
      case "40", "53", "58" -> Kind.TRANSIENT;
      default -> Kind.REJECTED;
    };
  }

  /// The session's prepared statements are gone or no longer fit: it has to be replaced.
  static boolean unprepared(SQLException error) {
    SQLException told = teller(error);
    return "26000".equals(told.getSQLState()) || replanned(told);
  }

  private static boolean replanned(SQLException error) {
    ServerErrorMessage server = server(error);
    return server != null && "RevalidateCachedQuery".equals(server.getRoutine());
  }

  /// The exception that carries the state: the pool wraps what the driver said.
  private static SQLException teller(SQLException error) {
    return error.getSQLState() == null && error.getCause() instanceof SQLException cause
        ? teller(cause)
        : error;
  }

  /// For logs: what is known without telling values.
  static String message(SQLException error) {
    SQLException told = teller(error);
    String state = told.getSQLState();
    if (state == null) {
      return "database: " + told.getMessage();
    }
    return "database (SQLSTATE %s): %s".formatted(state, text(state, told));
  }

  private static String text(String state, SQLException error) {
    ServerErrorMessage server = server(error);
    if (server == null) {
      return String.valueOf(error.getMessage());
    }
    return switch (state.substring(0, 2)) {
      // These speak of the server, not of data.
      case "08", "25", "28", "3D", "40", "53", "55", "57", "58", "RS" ->
          String.valueOf(server.getMessage());
      case "42" -> state.equals("42501") ? String.valueOf(server.getMessage()) : names(server);
      default -> names(server);
    };
  }

  private static String names(ServerErrorMessage server) {
    return "refused"
        + named(", constraint ", server.getConstraint())
        + named(", column ", server.getColumn())
        + named(", table ", server.getTable())
        + named(", raised in ", server.getRoutine());
  }

  private static String named(String what, @Nullable String name) {
    return name == null || name.isEmpty() ? "" : what + name;
  }

  /// What the server itself said; null when the driver speaks.
  static @Nullable ServerErrorMessage server(SQLException error) {
    return error instanceof PSQLException known ? known.getServerErrorMessage() : null;
  }
}
