package dev.reseolio.engine.store.postgres;

import java.util.concurrent.atomic.AtomicInteger;

/// PostgreSQL's timeline: a number that goes up each time a copy is promoted. The highest one that
/// any connection of this process told is the present.
final class Timeline {
  /// The server does not tell.
  static final int UNKNOWN = 0;

  private final AtomicInteger highest = new AtomicInteger(UNKNOWN);
  private final Runnable onFailover;

  /// @param onFailover told when a connection is the first on a new timeline
  Timeline(Runnable onFailover) {
    this.onFailover = onFailover;
  }

  /// Notes what a new connection told. False: that server is of the past, left behind by a
  /// failover.
  boolean follow(int told) {
    if (told == UNKNOWN) {
      return true;
    }
    int before = highest.getAndAccumulate(told, Math::max);
    if (before != UNKNOWN && told > before) {
      onFailover.run();
    }
    return told >= before;
  }

  int current() {
    return highest.get();
  }
}
