package dev.reseolio.engine.machine;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// The machine an engine runs on. What waits without a time limit, and what wakes it, needs no
/// machine: locks, futures and `LockSupport.park` and `unpark` behave alike on all.
public interface Machine {
  /// The monotonic clock, in nanoseconds from an arbitrary start.
  long nanoTime();

  /// Waits that long, until the thread is unparked, or for no reason at all.
  void parkNanos(long nanos);

  /// An unstarted virtual thread.
  Thread virtualThread(String name, Runnable work);

  /// An unstarted thread that works all the time or blocks in native code: a platform thread.
  Thread platformThread(String name, Runnable work);

  /// Waits for the end of a thread. False: it still runs.
  boolean join(Thread thread, Duration patience) throws InterruptedException;

  /// Takes permits, waiting for them that long. False: there were not enough.
  boolean tryAcquire(Semaphore permits, int count, long nanos) throws InterruptedException;

  /// Chance nobody can foresee.
  RandomGenerator random();

  /// A random name for something that no one else may guess.
  default UUID randomUuid() {
    return new UUID(random().nextLong(), random().nextLong());
  }
}
