package dev.reseolio.bench.app;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/// Calls that arrive at fixed times, whether the ones before have been answered or not, and are
/// timed from when they were due: a system that stalls cannot hide it by being asked less.
final class OpenLoop {
  private static final long PATIENCE = 60_000_000_000L;

  private final IntFunction<CompletionStage<?>> call;
  private final Histogram all = new Histogram();
  private final AtomicLong underWay = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile Histogram second = new Histogram();

  /// @param call starts a call; done when its result is known
  OpenLoop(IntFunction<CompletionStage<?>> call) {
    this.call = call;
  }

  /// Says a line each second, `second <done> <p50> <p99> <failed> <under way>`, and in the end
  /// `open <done> <p50> <p99> <longest> <failed> <not answered>`; times in milliseconds.
  void run(double rate, int seconds) {
    long begin = System.nanoTime();
    long total = (long) (rate * seconds);
    for (long i = 0, said = 1; i < total; i++) {
      long due = begin + (long) (i * 1e9 / rate);
      for (long left; (left = due - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(left);
      }
      if (due - begin >= said * 1_000_000_000L) {
        said++;
        saySecond();
      }
      start((int) i, due);
    }
    long giveUp = System.nanoTime() + PATIENCE;
    while (underWay.get() > 0 && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(1_000_000);
    }
    saySecond();
    System.out.printf(
        "open %d %f %f %f %d %d%n",
        all.count(),
        all.percentile(0.5),
        all.percentile(0.99),
        all.percentile(1),
        failed.get(),
        underWay.get());
  }

  private void start(int i, long due) {
    underWay.incrementAndGet();
    var _ =
        call.apply(i)
            .whenComplete((result, failure) -> {
              long took = System.nanoTime() - due;
              if (failure == null) {
                all.add(took);
                second.add(took);
              } else {
                failed.incrementAndGet();
              }
              underWay.decrementAndGet();
            });
  }

  private void saySecond() {
    Histogram last = second;
    second = new Histogram();
    System.out.printf(
        "second %d %f %f %d %d%n",
        last.count(), last.percentile(0.5), last.percentile(0.99), failed.get(), underWay.get());
  }
}
