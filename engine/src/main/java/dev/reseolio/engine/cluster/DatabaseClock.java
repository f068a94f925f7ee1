package dev.reseolio.engine.cluster;

import dev.reseolio.engine.machine.Machine;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// The database's clock, carried on by this process's monotonic one: timers and ids follow one
/// clock whatever the clocks of the nodes say. Never goes back.
public final class DatabaseClock implements InstantSource {
  private static final int TRIES = 5;
  private static final long FAST_NANOS = 1_000_000;

  private final Machine machine;
  private final Supplier<Instant> database;
  private final AtomicLong lastMicros = new AtomicLong();
  private volatile long offsetMicros;

  public DatabaseClock(Machine machine, Supplier<Instant> database) {
    this.machine = machine;
    this.database = database;
    synchronise();
  }

  /// Asks the database for the time, a few times when the answer is slow to come: the first may
  /// have waited for a connection. The fastest answer is taken for the middle of its round trip.
  public void synchronise() {
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && fastest > FAST_NANOS; i++) {
      long before = machine.nanoTime();
      Instant there = database.get();
      long took = machine.nanoTime() - before;
      if (took < fastest) {
        fastest = took;
        offsetMicros = ChronoUnit.MICROS.between(Instant.EPOCH, there) - (before + took / 2) / 1000;
      }
    }
  }

  @Override
  public Instant instant() {
    long now = machine.nanoTime() / 1000 + offsetMicros;
    long micros = lastMicros.accumulateAndGet(now, Math::max);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
  }
}
