package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.machine.Machine;
import java.util.concurrent.locks.LockSupport;

/// Ends executions whose time is up. Sleeps until the earliest known deadline; most executions end
/// long before theirs, so there is one comparison when an execution starts and a walk over the
/// running ones when a deadline comes.
final class Deadlines {
  private final Machine machine;
  private final Executions executions;
  private final Thread thread;
  private volatile long nextNanos = Long.MAX_VALUE;
  private volatile boolean stopping;

  Deadlines(Machine machine, Executions executions) {
    this.machine = machine;
    thread = machine.virtualThread("reseolio-deadlines", this::run);
    this.executions = executions;
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /// An execution has to be looked at then.
  void watch(long atNanos) {
    if (earlier(atNanos, nextNanos)) {
      lower(atNanos);
    }
  }

  private synchronized void lower(long atNanos) {
    if (earlier(atNanos, nextNanos)) {
      nextNanos = atNanos;
      LockSupport.unpark(thread);
    }
  }

  private static boolean earlier(long a, long b) {
    return b == Long.MAX_VALUE || a - b < 0;
  }

  private void run() {
    while (!stopping) {
      long next = nextNanos;
      long now = machine.nanoTime();
      if (next == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else if (next - now > 0) {
        machine.parkNanos(next - now);
      } else {
        nextNanos = Long.MAX_VALUE;
        sweep(now);
      }
    }
  }

  private void sweep(long now) {
    for (Running one : executions.all()) {
      if (one.deadlineNanos() - now <= 0) {
        executions.timeIsUp(one);
      } else {
        watch(one.deadlineNanos());
      }
    }
  }
}
