package dev.reseolio.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Pauses.
final class Wait {
  private Wait() {}

  static void millis(long some) {
    long until = System.nanoTime() + Duration.ofMillis(some).toNanos();
    for (long left; (left = until - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
