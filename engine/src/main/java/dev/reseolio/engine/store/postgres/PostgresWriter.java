package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The writer on a connection of its own. Every combination of parts is prepared once and kept.
final class PostgresWriter implements Writer {
  private static final System.Logger LOG = System.getLogger(PostgresWriter.class.getName());
  private static final String UNIQUE_VIOLATION = "23505";

  private final Connections connections;
  private final Map<EnumSet<WriterSql>, PreparedStatement> prepared = new HashMap<>();
  private final Succession succession;
  private volatile @Nullable Connection connection;
  private long flushes;

  /// Number of the flush that is sent for the first time; 0: none is.
  private volatile long underway;

  private @Nullable NodeRef incarnation;
  private int timeline;

  PostgresWriter(Connections connections) {
    this.connections = connections;
    this.succession = new Succession(connections.schema());
  }

  /// Sent for the first time without guards; should a row be there already, nothing was written and
  /// it is sent guarded.
  @Override
  public FlushReply flush(NodeRef me, Flush flush) {
    try {
      return flush.repeated() ? send(me, flush, true) : sendFirst(me, flush);
    } catch (SQLException e) {
      StoreException failure = SqlErrors.store(e);
      if (failure.kind() == StoreException.Kind.UNAVAILABLE || SqlErrors.unprepared(e)) {
        reset();
      }
      throw failure;
    }
  }

  private FlushReply sendFirst(NodeRef me, Flush flush) throws SQLException {
    try {
      return send(me, flush, false);
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        return send(me, flush, true);
      }
      throw e;
    }
  }

  private FlushReply send(NodeRef me, Flush flush, boolean guarded) throws SQLException {
    Connection by = connected(me);
    // What is sent again may be large and the way slow: it has the driver's own patience.
    underway = flush.repeated() ? 0 : ++flushes;
    FlushStatement statement = new FlushStatement(pass(by, me), flush, guarded);
    PreparedStatement sql = prepare(by, statement.parts());
    try {
      execute(sql, statement);
      return read(sql, statement);
    } finally {
      underway = 0;
    }
  }

  /// Each shape is kept, and would keep what was bound to it last. That is let go before the reply
  /// is read, which may be as large.
  private static void execute(PreparedStatement sql, FlushStatement statement) throws SQLException {
    try {
      statement.bind(new Binder(sql));
      sql.execute();
    } finally {
      sql.clearParameters();
    }
  }

  private Connection connected(NodeRef me) throws SQLException {
    Connection current = connection;
    if (current == null) {
      current = connections.openDedicated("writer");
      succeed(current, me);
    } else if (!succession.isNamed(me)) {
      prepared.clear();
      succession.name(current, me);
    }
    rejectAfterFailover(me);
    return current;
  }

  private void succeed(Connection fresh, NodeRef me) throws SQLException {
    prepared.clear();
    try {
      succession.succeed(fresh, me);
      connection = fresh;
    } catch (SQLException e) {
      Sessions.abort(fresh);
      throw e;
    }
  }

  /// Behind a pooler the server may be another one since the last flush.
  private Pass pass(Connection by, NodeRef me) throws SQLException {
    return new Pass(me, succession.number(), Pooled.is(by) ? timeline : Timeline.UNKNOWN);
  }

  /// A copy that was promoted may lack the last commits, and with them leases this incarnation
  /// believes it holds: it ends with the failover.
  private void rejectAfterFailover(NodeRef me) {
    int current = connections.timeline().current();
    if (!me.equals(incarnation)) {
      incarnation = me;
      timeline = current;
    } else if (timeline != current) {
      reset(); // It may be a session with the old primary, which answers as long as it lives.
      throw new StoreException(
          StoreException.Kind.FENCED,
          "the database failed over to timeline %d; node %d was of timeline %d"
              .formatted(current, me.id(), timeline),
          null);
    }
  }

  private PreparedStatement prepare(Connection on, EnumSet<WriterSql> parts) throws SQLException {
    PreparedStatement known = prepared.get(parts);
    if (known == null) {
      known = on.prepareStatement(FlushStatement.sql(parts));
      prepared.put(parts.clone(), known);
    }
    return known;
  }

  private static FlushReply read(PreparedStatement sql, FlushStatement statement)
      throws SQLException {
    Set<UUID> inserted = new HashSet<>(statement.leased());
    Map<UUID, UUID> keyed = new HashMap<>();
    List<Claimed> claimed = new ArrayList<>();
    List<Claimed> adopted = new ArrayList<>();
    Set<UUID> withheld = new HashSet<>();
    for (WriterSql part : statement.parts()) {
      try (ResultSet rows = sql.getResultSet()) {
        while (rows != null && rows.next()) {
          switch (part) {
            case INSERT, INSERT_KEYED -> inserted.add(uuid(rows, 1));
            case KEY_HOLDERS -> keyed.put(uuid(rows, 1), uuid(rows, 2));
            case CLAIM -> claimed.add(claimed(rows, withheld));
            case ADOPT -> adopted.add(claimed(rows, withheld));
            case FENCE,
                STEP,
                STEP_AGAIN,
                SPILL,
                FINISH,
                UNLEASE,
                SUCCEED,
                AGAIN,
                INSERT_LEASED,
                TAKE_KEYS -> {}
          }
        }
      }
      sql.getMoreResults();
    }
    throwIfUnsafe(sql);
    return new FlushReply(inserted, keyed, claimed, adopted, withheld);
  }

  /// A wait for a synchronous standby that is cancelled reports success with a warning: the commit
  /// may be lost in a failover, so the outcome is unknown and the flush has to be sent again.
  private static void throwIfUnsafe(PreparedStatement sql) throws SQLException {
    for (var warning = sql.getWarnings(); warning != null; warning = warning.getNextWarning()) {
      if ("01000".equals(warning.getSQLState())) {
        throw new SQLException("the commit may not have been replicated", "08007");
      }
    }
  }

  private static Claimed claimed(ResultSet rows, Set<UUID> withheld) throws SQLException {
    if (rows.getBoolean(16)) {
      withheld.add(uuid(rows, 1));
    }
    byte[] args = rows.getBytes(10);
    Timestamp deadline = rows.getTimestamp(12);
    return new Claimed(
        uuid(rows, 1),
        rows.getInt(2),
        new Progress(rows.getInt(3), rows.getInt(4), rows.getInt(5)),
        new RunPolicy(
            rows.getInt(6), Backoff.decode(rows.getString(8)), Duration.ofMillis(rows.getLong(7))),
        args == null ? Payload.EMPTY : new Payload(args, rows.getString(9)),
        instant(rows, 11),
        deadline == null ? null : deadline.toInstant(),
        rows.getString(13),
        error(rows));
  }

  private static @Nullable JobError error(ResultSet rows) throws SQLException {
    String type = rows.getString(14);
    String message = rows.getString(15);
    return type == null ? null : JobError.of(type, message == null ? "" : message);
  }

  private static UUID uuid(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, UUID.class);
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    return rows.getTimestamp(column).toInstant();
  }

  @Override
  public void reset() {
    Connection old = connection;
    connection = null;
    Sessions.abort(old);
  }

  /// Not behind a pooler: what waits in its queue has no session, and is not lost.
  @Override
  public void rescue() {
    long flush = underway;
    if (connection == null || flush == 0) {
      return;
    }
    if (isLost() && flush == underway) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a flush does not return though PostgreSQL is not at work on it: its connection is lost, another one is taken");
      reset();
    }
  }

  /// Asked on a connection of its own: those of the pool are lost the same way, as a rule.
  private boolean isLost() {
    try (Connection by = connections.openDedicated("rescue")) {
      return !Pooled.is(by) && !succession.isAtWork(by);
    } catch (SQLException e) {
      throw SqlErrors.store(e);
    }
  }

  @Override
  public void close() {
    reset();
  }
}
