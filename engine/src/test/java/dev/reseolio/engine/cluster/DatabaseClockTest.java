package dev.reseolio.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {

  @Test
  void aSlowAnswerDoesNotShiftTheClock() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    long begun = System.nanoTime();
    AtomicInteger asked = new AtomicInteger();
    DatabaseClock clock =
        new DatabaseClock(() -> {
          Instant now = start.plusNanos(System.nanoTime() - begun);
          if (asked.getAndIncrement() == 0) {
            LockSupport.parkNanos(200_000_000); // the answer is on its way
          }
          return now;
        });
    Instant before = start.plusNanos(System.nanoTime() - begun);
    Duration behind = Duration.between(clock.instant(), before);
    assertTrue(behind.toMillis() < 50, "behind by " + behind);
  }
}
