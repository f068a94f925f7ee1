package dev.reseolio.bench.app;

import java.util.concurrent.atomic.AtomicLongArray;

/// Times in steps of two per cent, from a microsecond to two hours: as small after a night as after
/// a second. Many threads may add.
public final class Histogram {
  private static final double STEP = Math.log(1.02);
  private static final int STEPS = 1150;

  private final AtomicLongArray counts = new AtomicLongArray(STEPS);

  public void add(long nanos) {
    double micros = Math.max(1, nanos / 1e3);
    counts.incrementAndGet(Math.min(STEPS - 1, (int) (Math.log(micros) / STEP)));
  }

  public long count() {
    long sum = 0;
    for (int i = 0; i < STEPS; i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  /// A percentile in milliseconds; 1 is the largest. 0 when nothing was added.
  public double percentile(double which) {
    long left = Math.max(1, (long) Math.ceil(which * count()));
    for (int i = 0; i < STEPS; i++) {
      left -= counts.get(i);
      if (left <= 0) {
        return Math.exp((i + 0.5) * STEP) / 1e3;
      }
    }
    return 0;
  }
}
