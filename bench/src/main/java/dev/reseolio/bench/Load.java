package dev.reseolio.bench;

import java.util.Arrays;

/// What every workload shares: the function, its arguments of about 100 bytes, its result.
final class Load {
  static final String FUNCTION = "bench:jobs:noop";

  /// Round trips before the measured ones.
  static final int WARM_UP = 300;

  private Load() {}

  record Args(int i, String customer, String note) {}

  record Result(int ok) {}

  static Args args(int i) {
    return new Args(i, "c".repeat(24), "n".repeat(44));
  }

  /// A percentile in milliseconds.
  static double percentile(long[] nanos, double which) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, (int) (which * sorted.length))] / 1e6;
  }
}
