package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.Store;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A database of its own for tests of other packages: opens stores on it and looks at it from
/// outside.
public final class TestStore implements AutoCloseable {
  private final String url;
  private final StoreFixture outside;

  public TestStore() {
    this(TestPostgres.newDatabase());
  }

  public TestStore(String url) {
    this.url = url;
    this.outside = new StoreFixture(url);
  }

  /// One more store on the database, as another process would open it.
  public Store open() {
    return open(url);
  }

  /// The same over another way to it.
  public Store open(String by) {
    return PostgresStore.open(PostgresUrl.parse(by), "reseolio", 4);
  }

  public String url() {
    return url;
  }

  public void execute(String sql) {
    outside.execute(sql);
  }

  public @Nullable String text(String sql) {
    return outside.text(sql);
  }

  public int number(String sql) {
    return Integer.parseInt(String.valueOf(text(sql)));
  }

  /// Waits until the first column of the first row fulfils a condition.
  public void await(String sql, Predicate<String> condition) {
    long giveUp = System.nanoTime() + 20_000_000_000L;
    String last = String.valueOf(text(sql));
    while (!condition.test(last)) {
      if (System.nanoTime() - giveUp > 0) {
        throw new AssertionError(sql + " is still " + last);
      }
      LockSupport.parkNanos(1_000_000);
      last = String.valueOf(text(sql));
    }
  }

  /// A job enqueued by plain SQL.
  public UUID enqueue(String function, String options) {
    return outside.uuid("SELECT enqueue('%s', '1'::text, '%s')".formatted(function, options));
  }

  /// A session that holds locks until it is closed.
  public AutoCloseable holding(String sql) throws Exception {
    var connection = outside.application();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return () -> {
      connection.rollback();
      connection.close();
    };
  }

  public void checkInvariants() {
    Invariants.check(outside);
  }

  @Override
  public void close() {
    outside.close();
  }
}
