package dev.reseolio.engine.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// The database's clock, carried on by this process's monotonic one: timers and ids follow one
/// clock whatever the clocks of the nodes say. Never goes back.
public final class DatabaseClock implements InstantSource {
  private final Supplier<Instant> database;
  private final AtomicLong lastMicros = new AtomicLong();
  private volatile long offsetMicros;

  public DatabaseClock(Supplier<Instant> database) {
    this.database = database;
    synchronise();
  }

  /// Asks the database for the time. The answer is taken for the middle of the round trip.
  public void synchronise() {
    long before = System.nanoTime();
    Instant there = database.get();
    long middle = before + (System.nanoTime() - before) / 2;
    offsetMicros = Duration.between(Instant.EPOCH, there).toNanos() / 1000 - middle / 1000;
  }

  @Override
  public Instant instant() {
    long now = System.nanoTime() / 1000 + offsetMicros;
    long micros = lastMicros.accumulateAndGet(now, Math::max);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
  }
}
