package dev.reseolio.engine.upkeep;

import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Runs something again and again on a virtual thread of its own: after the pause it asks for, or
/// at once when woken. A failure of the database is logged when it begins, and the chore goes on.
public final class Chore {
  private static final System.Logger LOG = System.getLogger(Chore.class.getName());

  private final Machine machine;
  private final String name;
  private final Duration pauseAfterFailure;
  private final Supplier<Duration> work;
  private final LongAdder runs = new LongAdder();
  private final AtomicLong wakeAtNanos = new AtomicLong();
  private final Thread thread;
  private volatile boolean stopping;
  private boolean failing;

  /// @param work returns how long to wait before the next run
  public Chore(Machine machine, String name, Duration pauseAfterFailure, Supplier<Duration> work) {
    this.machine = machine;
    this.name = name;
    this.pauseAfterFailure = pauseAfterFailure;
    this.work = work;
    this.thread = machine.virtualThread("reseolio-" + name, this::run);
  }

  /// A chore with a fixed pause.
  public static Chore every(Machine machine, Duration pause, String name, Runnable work) {
    return new Chore(
        machine,
        name,
        pause,
        () -> {
          work.run();
          return pause;
        });
  }

  public String name() {
    return name;
  }

  public long runs() {
    return runs.sum();
  }

  public void start() {
    thread.start();
  }

  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /// Runs as soon as possible.
  public void wake() {
    wakeAt(machine.nanoTime());
  }

  /// Runs at that time of the monotonic clock at the latest.
  public void wakeAt(long nanos) {
    long planned = wakeAtNanos.getAndUpdate(at -> at - nanos > 0 ? nanos : at);
    if (planned - nanos > 0) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    wakeAtNanos.set(machine.nanoTime());
    while (!stopping) {
      long wait = wakeAtNanos.get() - machine.nanoTime();
      if (wait > 0) {
        machine.parkNanos(wait);
      } else {
        wakeAtNanos.set(machine.nanoTime() + Duration.ofDays(1).toNanos());
        wakeAt(machine.nanoTime() + once().toNanos());
      }
    }
  }

  private Duration once() {
    try {
      runs.increment();
      Duration pause = work.get();
      failing = false;
      return pause;
    } catch (StoreException e) {
      boolean known = failing || stopping;
      System.Logger.Level level = known ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
      LOG.log(
          level, "{0} failed, trying again in {1}: {2}", name, pauseAfterFailure, e.getMessage());
      failing = true;
      return pauseAfterFailure;
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, name + " failed for a reason that is a bug", bug);
      return pauseAfterFailure;
    }
  }
}
