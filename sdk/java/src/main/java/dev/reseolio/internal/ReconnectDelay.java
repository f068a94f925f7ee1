package dev.reseolio.internal;

import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next try to connect: 50 ms, doubled up to 2 s, each between half and
/// the whole.
public final class ReconnectDelay {
  private static final long FIRST_MILLIS = 50;
  private static final long LONGEST_MILLIS = 2_000;

  private long next = FIRST_MILLIS;

  public synchronized long nextMillis() {
    long whole = next;
    next = Math.min(LONGEST_MILLIS, next * 2);
    return ThreadLocalRandom.current().nextLong(whole / 2, whole + 1);
  }

  /// What was connected lasted so long: longer than the wait before it, and the next wait is a
  /// short one again; else it is one of a series of failures.
  public synchronized void lasted(long millis) {
    if (millis >= next) {
      reset();
    }
  }

  public synchronized void reset() {
    next = FIRST_MILLIS;
  }
}
