package dev.reseolio.server;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Has the heap collected when garbage has grown in its old generation, which the serial collector
/// looks at first when the heap has become as large as it may. Some bytes of each job get there, so
/// that without this a sidecar that is busy for an hour would take all of `-Xmx`, for nothing.
final class HeapWatch {
  /// So much more than the last collection left is garbage for the most part: what is alive comes
  /// and goes with large payloads only.
  static final long MOST_GROWTH_BYTES = 12L << 20;

  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LongSupplier used;
  private final Runnable collect;
  private long left;

  /// @param used bytes of the heap in use, garbage included
  /// @param collect collects all of it
  HeapWatch(LongSupplier used, Runnable collect) {
    this.used = used;
    this.collect = collect;
    this.left = used.getAsLong();
  }

  static void start() {
    var runtime = Runtime.getRuntime();
    var watch = new HeapWatch(() -> runtime.totalMemory() - runtime.freeMemory(), runtime::gc);
    Thread.ofVirtual().name("heap-watch").start(watch::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// One look; the collector may have been faster.
  void look() {
    if (used.getAsLong() - left > MOST_GROWTH_BYTES) {
      collect.run();
      left = used.getAsLong();
    } else {
      left = Math.min(left, used.getAsLong());
    }
  }
}
