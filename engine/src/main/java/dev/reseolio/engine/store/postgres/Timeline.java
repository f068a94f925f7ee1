package dev.reseolio.engine.store.postgres;

import java.util.concurrent.atomic.AtomicInteger;

/// PostgreSQL's timeline: a number that goes up each time a copy is promoted. The highest one that
/// any connection of this process told is the present.
final class Timeline {
  /// The server does not tell.
  static final int UNKNOWN = 0;

  private final AtomicInteger highest = new AtomicInteger(UNKNOWN);

  /// Notes what a new connection told. False: that server is of the past, left behind by a
  /// failover.
  boolean follow(int told) {
    return told == UNKNOWN || highest.accumulateAndGet(told, Math::max) == told;
  }

  int current() {
    return highest.get();
  }
}
