package dev.reseolio.engine;

import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.postgres.TestStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Engines over a database of their own. Closing checks the invariants.
final class EngineFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final EngineConfig.Limits LIMITS =
      new EngineConfig.Limits(4 << 20, 20_000, 16 << 20);
  static final EngineConfig CONFIG = config(LIMITS, Duration.ofMillis(300), Duration.ofMillis(300));

  /// With time to resume.
  static final EngineConfig PATIENT =
      config(LIMITS, Duration.ofSeconds(20), Duration.ofMillis(300));

  final TestStore db;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  EngineFixture() {
    this(new TestStore());
  }

  EngineFixture(TestStore db) {
    this.db = db;
  }

  static EngineConfig config(
      EngineConfig.Limits limits, Duration resumeGrace, Duration cancelGrace) {
    return new EngineConfig(
        "test",
        "1",
        2,
        Duration.ofDays(7),
        limits,
        new EngineConfig.Timing(
            Duration.ofSeconds(15), Duration.ofSeconds(1), resumeGrace, cancelGrace, PATIENCE));
  }

  Engine start() {
    return start(CONFIG, db.url());
  }

  Engine start(EngineConfig config, String url) {
    Engine engine = Engine.start(config, db.open(url));
    open.push(engine);
    return engine;
  }

  <T extends AutoCloseable> T closing(T one) {
    open.push(one);
    return one;
  }

  /// Keeps every flush of an engine waiting until it is closed.
  AutoCloseable block(Engine engine) throws Exception {
    return db.holding(
        "SELECT 1 FROM reseolio.node WHERE id = %d FOR UPDATE".formatted(engine.node()));
  }

  boolean flushWaits() {
    return 1
        == db.number(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
  }

  static NewJob job(String function) {
    return NewJob.of(function, FakeWorker.text("{}"));
  }

  static NewJob job(String function, RunPolicy policy, NewJob.Due due, @Nullable String key) {
    return new NewJob(
        new NewJob.Target(function, "default"),
        5,
        FakeWorker.text("{}"),
        policy,
        due,
        new NewJob.Labels(key, NewJob.Labels.DEFAULT_KEY_TTL, List.of()));
  }

  static NewJob job(String function, RunPolicy policy) {
    return job(function, policy, NewJob.Due.NOW, null);
  }

  static RunPolicy policy(int maxAttempts, long backoffMillis, Duration timeout) {
    Duration backoff = Duration.ofMillis(backoffMillis);
    return new RunPolicy(
        maxAttempts, new Backoff(Backoff.Type.FIXED, backoff, 1, backoff, 0), timeout);
  }

  static NewJob.Due within(Engine engine, long millis) {
    Instant at = engine.now().plusMillis(millis);
    return new NewJob.Due(null, at);
  }

  static UUID enqueue(Engine engine, NewJob job) throws Exception {
    return enqueued(engine, job).id();
  }

  static Enqueued enqueued(Engine engine, NewJob job) throws Exception {
    return get(engine.enqueue(job, PATIENCE));
  }

  static JobEnd result(Engine engine, UUID id) throws Exception {
    return get(engine.result(id));
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  /// Waits for something nobody signals.
  static void await(String what, BooleanSupplier condition) {
    long giveUp = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - giveUp > 0) {
        throw new AssertionError("still not: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      close(open.pop());
    }
    db.checkInvariants();
    db.close();
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
