package dev.reseolio.engine.store.postgres;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/// A connection through a pooler (PgBouncer in transaction mode): each transaction may be in
/// another session of the server, which others use before and after. So the settings go with every
/// transaction, in its round trip, and end with it; nothing is prepared on the server; and each
/// transaction tells the server's timeline, because a pooler keeps its clients through a failover.
///
/// A statement that commits by itself is sent behind the settings, as one implicit transaction, and
/// the results of the settings are passed over.
final class Pooled implements InvocationHandler {
  /// SQLSTATE of what cannot work behind a pooler: feature not supported.
  static final String UNFIT = "0A000";

  private final Connection real;
  private final Timeline timeline;
  private final boolean tellsTimeline;
  private final List<String> settings = new ArrayList<>();
  private String sent = "";

  private Pooled(Connection real, String schema, Timeline timeline, boolean tellsTimeline) {
    this.real = real;
    this.timeline = timeline;
    this.tellsTimeline = tellsTimeline;
    if (tellsTimeline) {
      settings.add(Session.askTimeline());
    }
    add(Session.ofTransaction(schema));
  }

  /// Makes a plain connection one that needs no session.
  ///
  /// @param tellsTimeline the server knows its timeline
  static Connection over(Connection real, String schema, Timeline timeline, boolean tellsTimeline)
      throws SQLException {
    real.unwrap(PGConnection.class).setPrepareThreshold(0);
    return proxy(Connection.class, new Pooled(real, schema, timeline, tellsTimeline));
  }

  /// A pooler is in between.
  static boolean is(Connection connection) throws SQLException {
    return connection.isWrapperFor(Pooled.class);
  }

  /// The connection without settings and so without a transaction around its statements.
  static Connection bare(Connection connection) throws SQLException {
    return is(connection) ? connection.unwrap(Pooled.class).real : connection;
  }

  /// More settings for every statement that is made from here on, in place of those that begin with
  /// the same one.
  void add(String more) {
    String first = more.substring(0, more.indexOf(',') + 1);
    settings.removeIf(old -> !first.isEmpty() && old.startsWith(first));
    settings.add(more);
    sent = String.join(";\n", settings);
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    boolean own = args != null && args[0] == Pooled.class;
    return switch (method.getName()) {
      case "unwrap" -> own ? this : call(real, method, args);
      case "isWrapperFor" -> own ? true : call(real, method, args);
      case "setAutoCommit" -> {
        call(real, method, args);
        if (!real.getAutoCommit()) {
          begin();
        }
        yield null;
      }
      case "createStatement" -> statement((Statement) called(method, args));
      case "prepareStatement" -> {
        if (args != null && real.getAutoCommit()) {
          args[0] = sent + ";\n" + args[0];
        }
        yield statement((Statement) called(method, args));
      }
      default -> call(real, method, args);
    };
  }

  /// The settings come with BEGIN. A transaction that has none does not begin.
  private void begin() throws SQLException {
    try (Statement statement = real.createStatement()) {
      statement.execute(sent);
      passOver(statement);
    } catch (SQLException e) {
      real.rollback();
      real.setAutoCommit(true);
      throw e;
    }
  }

  private Object called(Method method, @Nullable Object @Nullable [] args) throws Throwable {
    Object made = call(real, method, args);
    if (made == null) {
      throw new IllegalStateException(method + " made nothing");
    }
    return made;
  }

  private Object statement(Statement made) throws SQLException {
    if (!real.getAutoCommit()) {
      return made;
    }
    Class<? extends Statement> type =
        made instanceof PreparedStatement ? PreparedStatement.class : Statement.class;
    return proxy(type, (proxy, method, args) -> execute(made, method, args));
  }

  private @Nullable Object execute(
      Statement made, Method method, @Nullable Object @Nullable [] args) throws Throwable {
    boolean executes = method.getName().startsWith("execute");
    if (!executes) {
      return call(made, method, args);
    }
    if (args != null) {
      made.execute(sent + ";\n" + args[0]);
    } else {
      ((PreparedStatement) made).execute();
    }
    boolean rows = passOver(made);
    return switch (method.getName()) {
      case "execute" -> rows;
      case "executeQuery" -> made.getResultSet();
      case "executeUpdate" -> made.getUpdateCount();
      default -> throw new UnsupportedOperationException(method + " behind a pooler");
    };
  }

  /// Goes on to the first result that is not of the settings; true when it has rows.
  private boolean passOver(Statement statement) throws SQLException {
    if (tellsTimeline) {
      follow(statement);
    }
    boolean rows = false;
    for (int i = 0; i < settings.size(); i++) {
      rows = statement.getMoreResults();
    }
    return rows;
  }

  private void follow(Statement statement) throws SQLException {
    try (ResultSet row = statement.getResultSet()) {
      row.next();
      if (!timeline.follow(row.getInt(1))) {
        throw new SQLException(
            "the pooler leads to a server from before the last failover: it is on timeline %d, not on %d"
                .formatted(row.getInt(1), timeline.current()),
            "08001");
      }
    }
  }

  private static @Nullable Object call(
      Object target, Method method, @Nullable Object @Nullable [] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(Pooled.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
