package dev.reseolio.bench.app;

import java.util.Arrays;
import java.util.List;

/// What every workload shares: the function, its arguments of about 100 bytes, its result.
public final class Load {
  public static final String FUNCTION = "bench:jobs:noop";

  /// Round trips before the measured ones.
  public static final int WARM_UP = 300;

  /// Nobody runs it.
  public static final String PARKED = "bench:jobs:parked";

  /// Takes [#SLOW_MILLIS].
  public static final String SLOW = "bench:jobs:slow";

  /// A workflow: a job of three steps, one after the other.
  public static final String FLOW = "bench:jobs:flow";

  static final List<String> STEPS = List.of("a", "b", "c");

  static final int SLOW_MILLIS = 300;

  private Load() {}

  public record Args(int i, String customer, String note) {}

  public record Result(int ok) {}

  public static Args args(int i) {
    return new Args(i, "c".repeat(24), "n".repeat(44));
  }

  /// A percentile in milliseconds.
  public static double percentile(long[] nanos, double which) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, (int) (which * sorted.length))] / 1e6;
  }

  /// `memory <heap in MB>`.
  static void sayMemory() {
    Runtime runtime = Runtime.getRuntime();
    System.out.println("memory " + (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
  }
}
