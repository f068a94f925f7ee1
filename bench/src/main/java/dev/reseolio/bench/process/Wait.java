package dev.reseolio.bench.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Pauses.
public final class Wait {
  private Wait() {}

  public static void millis(long some) {
    long until = System.nanoTime() + Duration.ofMillis(some).toNanos();
    for (long left; (left = until - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
