package dev.reseolio.survival;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Waits for conditions, never for time.
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(2);

  private Await() {}

  public static void until(String what, Duration atMost, Callable<Boolean> condition) {
    value(what, atMost, condition, ok -> ok);
  }

  /// The first value that is good enough.
  public static <T> T value(String what, Duration atMost, Callable<T> source, Predicate<T> good) {
    return value(what, atMost, PAUSE, source, good);
  }

  /// The same, for a source that takes much to ask.
  ///
  /// @param pause between two looks
  public static <T> T value(
      String what, Duration atMost, Duration pause, Callable<T> source, Predicate<T> good) {
    long giveUp = System.nanoTime() + atMost.toNanos();
    T last;
    do {
      last = get(source);
      if (good.test(last)) {
        return last;
      }
      LockSupport.parkNanos(pause.toNanos());
    } while (System.nanoTime() - giveUp < 0);
    throw new AssertionError("not within " + atMost + ": " + what + "; at the end: " + last);
  }

  /// Holds a fault for so long, doing something meanwhile.
  public static void during(Duration length, Runnable meanwhile) {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() - end < 0) {
      meanwhile.run();
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static <T> T get(Callable<T> source) {
    try {
      return source.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
