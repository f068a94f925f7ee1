package dev.reseolio.engine.machine;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/// The machine the process runs on: the JDK as it is.
public final class RealMachine implements Machine {
  public static final Machine INSTANCE = new RealMachine();

  private final SecureRandom random = new SecureRandom();

  private RealMachine() {}

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void parkNanos(long nanos) {
    LockSupport.parkNanos(nanos);
  }

  @Override
  public Thread virtualThread(String name, Runnable work) {
    return Thread.ofVirtual().name(name).unstarted(work);
  }

  @Override
  public Thread platformThread(String name, Runnable work) {
    return Thread.ofPlatform().name(name).unstarted(work);
  }

  @Override
  public boolean join(Thread thread, Duration patience) throws InterruptedException {
    return thread.join(patience);
  }

  @Override
  public boolean tryAcquire(Semaphore permits, int count, long nanos) throws InterruptedException {
    return permits.tryAcquire(count, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
