package dev.reseolio.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.machine.RealMachine;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {
  @Test
  void aSlowFirstAnswerDoesNotPutTheClockAhead() {
    AtomicInteger calls = new AtomicInteger();
    DatabaseClock clock =
        new DatabaseClock(
            RealMachine.INSTANCE,
            () -> {
              if (calls.getAndIncrement() == 0) {
                LockSupport.parkNanos(200_000_000); // As one that waits for a connection.
              }
              return Instant.now();
            });
    Duration ahead = Duration.between(Instant.now(), clock.instant());
    assertTrue(ahead.abs().toMillis() < 50, "ahead by " + ahead);
  }

  @Test
  void neverGoesBack() {
    AtomicReference<Duration> shift = new AtomicReference<>(Duration.ZERO);
    DatabaseClock clock =
        new DatabaseClock(RealMachine.INSTANCE, () -> Instant.now().plus(shift.get()));
    Instant before = clock.instant();
    shift.set(Duration.ofHours(-1));
    clock.synchronise();
    assertFalse(clock.instant().isBefore(before));
    shift.set(Duration.ofHours(1));
    clock.synchronise();
    assertTrue(clock.instant().isAfter(before.plusSeconds(3500)));
  }
}
