package dev.reseolio.engine.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// The database's clock, carried on by this process's monotonic one: timers and ids follow one
/// clock whatever the clocks of the nodes say. Never goes back.
public final class DatabaseClock implements InstantSource {
  private static final int ASKS = 5;

  private final Supplier<Instant> database;
  private final AtomicLong lastMicros = new AtomicLong();
  private volatile long offsetMicros;

  public DatabaseClock(Supplier<Instant> database) {
    this.database = database;
    synchronise();
  }

  /// Asks the database for the time, a few times: the answer that came quickest is taken for the
  /// middle of its round trip. One alone may be tens of milliseconds off on a busy machine.
  public void synchronise() {
    long shortest = Long.MAX_VALUE;
    long best = offsetMicros;
    for (int i = 0; i < ASKS; i++) {
      long before = System.nanoTime();
      Instant there = database.get();
      long took = System.nanoTime() - before;
      if (took < shortest) {
        shortest = took;
        best = Duration.between(Instant.EPOCH, there).toNanos() / 1000 - (before + took / 2) / 1000;
      }
    }
    offsetMicros = best;
  }

  @Override
  public Instant instant() {
    long now = System.nanoTime() / 1000 + offsetMicros;
    long micros = lastMicros.accumulateAndGet(now, Math::max);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
  }
}
