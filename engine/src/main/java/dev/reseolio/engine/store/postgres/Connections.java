package dev.reseolio.engine.store.postgres;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// All connections to one schema: a small lazy pool for short calls, and single ones for the writer
/// and the control session. Safe for any number of virtual threads: they queue at a fair semaphore
/// in front of the pool, where each waits its turn.
public final class Connections implements AutoCloseable {
  /// Connections in the pool when nobody says otherwise.
  public static final int DEFAULT_POOL_SIZE = 4;

  /// How long a caller waits for its turn, and again for the connection itself.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration OPENING = Duration.ofSeconds(5);

  /// An answer that takes longer does not come: the connection is lost. Shorter than a node may be
  /// silent, because its beat needs one of them.
  private static final int ANSWER_MILLIS = 10_000;

  private static final long RETRY_NANOS = 100_000_000;

  private final Connector connector;
  private final Semaphore turns;
  private final HikariDataSource pool;
  private final Ahead ahead;
  private final AtomicReference<@Nullable Connection> spare = new AtomicReference<>();
  private volatile boolean closing;

  /// Opens nothing yet.
  ///
  /// @param schema as it is named, unquoted
  public Connections(PostgresUrl url, String schema, int poolSize) {
    this(url, schema, poolSize, null);
  }

  private Connections(PostgresUrl url, String schema, int poolSize, @Nullable String ahead) {
    connector = new Connector(url, schema, this::failedOver);
    turns = new Semaphore(poolSize, true);
    pool = pool(poolSize);
    this.ahead = ahead == null ? new Ahead() : Ahead.start(connector, ahead);
  }

  /// The same, and begins to open the first of [#openDedicated] for a purpose.
  static Connections opening(PostgresUrl url, String schema, int poolSize, String purpose) {
    return new Connections(url, schema, poolSize, purpose);
  }

  /// Sessions of the pool may be with the old primary, which answers as long as it lives.
  private void failedOver() {
    HikariPoolMXBean sessions = pool.getHikariPoolMXBean();
    if (sessions != null) {
      sessions.softEvictConnections();
    }
  }

  /// Set up in place: made from a configuration it copies that by reflection, which takes a start
  /// 15 ms.
  private HikariDataSource pool(int poolSize) {
    HikariDataSource config = new HikariDataSource();
    config.setPoolName("reseolio");
    config.setDataSource(new ConnectorSource(this::forPool, (int) OPENING.toSeconds()));
    config.setMaximumPoolSize(poolSize);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(PATIENCE.toMillis());
    config.setValidationTimeout(1000);
    config.setIdleTimeout(TimeUnit.MINUTES.toMillis(5));
    config.setMaxLifetime(TimeUnit.MINUTES.toMillis(30));
    return config;
  }

  private Connection forPool() throws SQLException {
    Connection first = spare.getAndSet(null);
    Connection ready = first != null && first.isValid(1) ? first : openSoon();
    ready.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
    return ready;
  }

  /// Goes on trying for a while: the pool itself would wait longer each time, up to 5 s, and come
  /// back that much later than the database.
  private Connection openSoon() throws SQLException {
    long giveUp = System.nanoTime() + OPENING.toNanos();
    while (true) {
      try {
        return connector.open("pool");
      } catch (SQLException e) {
        boolean late = closing || System.nanoTime() - giveUp > 0;
        if (SqlErrors.kind(e) != Kind.UNAVAILABLE || late) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  /// Work on a connection. Commits by itself, statement by statement.
  public interface SqlWork<T> {
    T run(Connection connection) throws SQLException;
  }

  /// Runs short work on a connection of the pool, which commits statement by statement.
  ///
  /// @throws StoreException as [SqlErrors] sorts it
  public <T> T with(SqlWork<T> work) {
    takeTurn();
    try (Connection connection = pool.getConnection()) {
      return work.run(connection);
    } catch (SQLException e) {
      throw SqlErrors.store(e);
    } finally {
      turns.release();
    }
  }

  /// Runs short work as one transaction: all of it or nothing.
  ///
  /// @throws StoreException as [SqlErrors] sorts it; after UNAVAILABLE the outcome is unknown
  public <T> T inTransaction(SqlWork<T> work) {
    return with(connection -> transaction(connection, work));
  }

  static <T> T transaction(Connection connection, SqlWork<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      T result = work.run(connection);
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException e) {
      rollback(connection, e);
      throw e;
    } finally {
      if (!connection.isClosed()) {
        connection.setAutoCommit(true);
      }
    }
  }

  private static void rollback(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private void takeTurn() {
    try {
      if (!turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StoreException(
            Kind.UNAVAILABLE, "database: all connections busy for " + PATIENCE, null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(Kind.UNAVAILABLE, "database: interrupted while waiting", e);
    }
  }

  /// Opens a connection outside the pool. The caller closes it.
  ///
  /// @param purpose part of its application_name, e.g. `writer`
  public Connection openDedicated(String purpose) {
    Connection open = ahead.take(purpose);
    if (open != null) {
      return open;
    }
    try {
      return connector.open(purpose);
    } catch (SQLException e) {
      throw SqlErrors.store(e);
    }
  }

  Connector connector() {
    return connector;
  }

  /// How often the database has failed over, as far as its connections told.
  Timeline timeline() {
    return connector.timeline();
  }

  /// Gives the pool the connection that start-up used, as its first.
  void adopt(Connection connection) {
    spare.set(connection);
  }

  /// The application_name of connections for a purpose.
  public String applicationName(String purpose) {
    return connector.applicationName(purpose);
  }

  /// The schema, unquoted.
  public String schema() {
    return connector.schema();
  }

  /// Waits, 5 s at most, for connections that are being opened: the pool would forget them, and
  /// nobody close them.
  @Override
  public void close() {
    closing = true;
    ahead.close();
    pool.close();
    Connection unused = spare.getAndSet(null);
    if (unused != null) {
      try {
        unused.close();
      } catch (SQLException e) {
        // Gone already: that is what was wanted.
      }
    }
  }
}
