package dev.reseolio.simulation.machine;

import dev.reseolio.engine.machine.Machine;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/// One process: its threads, its clock, its chance. All threads are virtual ones whose
/// continuations the [Scheduler] runs, so that a process can be frozen or killed wherever it waits.
public final class Host implements Machine {
  private static final long SLICE = 1_000_000;

  private final String name;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final long bootNanos;
  private final Thread.Builder.OfVirtual threads;
  private final List<Runnable> held = new ArrayList<>();
  private boolean frozen;
  private boolean dead;

  public Host(String name, Scheduler scheduler) {
    this.name = name;
    this.scheduler = scheduler;
    this.random = scheduler.split();
    this.bootNanos = random.nextLong(1L << 50);
    this.threads = builder(continuation -> scheduler.ready(this, continuation));
  }

  /// The JDK has the parameter for its own tests and no public way to it.
  private static Thread.Builder.OfVirtual builder(Executor scheduler) {
    try {
      Constructor<?> hidden =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      hidden.setAccessible(true);
      return (Thread.Builder.OfVirtual) hidden.newInstance(scheduler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "needs a JDK 25 with --add-opens java.base/java.lang=ALL-UNNAMED", e);
    }
  }

  public String name() {
    return name;
  }

  public Scheduler scheduler() {
    return scheduler;
  }

  void run(Runnable continuation) {
    if (frozen) {
      held.add(continuation);
    } else if (!dead) {
      continuation.run();
    }
  }

  public void start(String thread, Runnable work) {
    virtualThread(thread, work).start();
  }

  /// Nothing of the process runs until [#thaw]; time goes on.
  public void freeze() {
    frozen = true;
  }

  public void thaw() {
    frozen = false;
    held.forEach(continuation -> scheduler.ready(this, continuation));
    held.clear();
  }

  /// Nothing of the process runs ever again.
  public void kill() {
    dead = true;
    thaw();
  }

  public boolean dead() {
    return dead;
  }

  public boolean frozen() {
    return frozen;
  }

  @Override
  public long nanoTime() {
    return bootNanos + scheduler.now();
  }

  @Override
  public void parkNanos(long nanos) {
    if (nanos > 0) {
      Thread me = Thread.currentThread();
      Timer alarm = scheduler.after(nanos, () -> LockSupport.unpark(me));
      LockSupport.park(this);
      alarm.cancel();
    }
  }

  /// Waits for the whole time, whoever unparks the thread.
  public void sleep(long nanos) {
    long until = scheduler.now() + nanos;
    while (scheduler.now() < until) {
      parkNanos(until - scheduler.now());
    }
  }

  @Override
  public Thread virtualThread(String thread, Runnable work) {
    return threads
        .name(thread)
        .uncaughtExceptionHandler(
            (t, e) -> scheduler.fail(new AssertionError(name + ": " + t.getName(), e)))
        .unstarted(work);
  }

  @Override
  public Thread platformThread(String thread, Runnable work) {
    return virtualThread(thread, work);
  }

  @Override
  public boolean join(Thread thread, Duration patience) {
    long until = scheduler.now() + patience.toNanos();
    while (thread.isAlive() && scheduler.now() < until) {
      parkNanos(SLICE);
    }
    return !thread.isAlive();
  }

  @Override
  public boolean tryAcquire(Semaphore permits, int count, long nanos) {
    long until = scheduler.now() + nanos;
    boolean acquired = permits.tryAcquire(count);
    while (!acquired && scheduler.now() < until) {
      parkNanos(SLICE);
      acquired = permits.tryAcquire(count);
    }
    return acquired;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
