package dev.reseolio.engine.flush;

import java.util.ArrayDeque;

/// Where new jobs come from: one call, or one stream of them. The sources that have jobs waiting
/// take turns, a job each, so that one with many does not hold up the others.
public final class Source {
  /// Guarded by [Arrivals].
  final ArrayDeque<Enqueue> waiting = new ArrayDeque<>(1);
}
