package dev.reseolio.engine.machine;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// The real machine, on which time passes when the test says so.
public final class HandClock implements Machine {
  private long nanos = 1_000_000_000_000L;

  public void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void parkNanos(long some) {
    nanos += some;
  }

  @Override
  public Thread virtualThread(String name, Runnable work) {
    return RealMachine.INSTANCE.virtualThread(name, work);
  }

  @Override
  public Thread platformThread(String name, Runnable work) {
    return RealMachine.INSTANCE.platformThread(name, work);
  }

  @Override
  public boolean join(Thread thread, Duration patience) throws InterruptedException {
    return RealMachine.INSTANCE.join(thread, patience);
  }

  @Override
  public boolean tryAcquire(Semaphore permits, int count, long some) throws InterruptedException {
    return RealMachine.INSTANCE.tryAcquire(permits, count, some);
  }

  @Override
  public RandomGenerator random() {
    return RealMachine.INSTANCE.random();
  }
}
