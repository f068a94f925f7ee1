package dev.reseolio.engine;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.machine.Machine;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/// Bounds what waits for its commit, in jobs and in bytes: callers wait at the door rather than
/// fill the memory.
final class Admission {
  private final Machine machine;
  private final Semaphore jobs;
  private final Semaphore kibibytes;
  private final int allJobs;
  private final int allKibibytes;

  Admission(Machine machine, EngineConfig.Limits limits) {
    this.machine = machine;
    allJobs = limits.queuedJobs();
    jobs = new Semaphore(allJobs, true);
    allKibibytes = limits.queuedBytes() >> 10;
    kibibytes = new Semaphore(allKibibytes, true);
  }

  void enter(int bytes, Duration patience) {
    long until = machine.nanoTime() + patience.toNanos();
    if (!acquire(jobs, 1, until)) {
      throw overloaded();
    }
    if (!acquire(kibibytes, weight(bytes), until)) {
      jobs.release();
      throw overloaded();
    }
  }

  void leave(int bytes) {
    kibibytes.release(weight(bytes));
    jobs.release();
  }

  int inside() {
    return allJobs - jobs.availablePermits();
  }

  /// One job may be larger than the queue: it waits for an empty one.
  private int weight(int bytes) {
    return Math.min((bytes >> 10) + 1, allKibibytes);
  }

  private boolean acquire(Semaphore permits, int count, long untilNanos) {
    try {
      return machine.tryAcquire(permits, count, untilNanos - machine.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static EngineException overloaded() {
    return new EngineException(
        Reason.OVERLOADED,
        "too many jobs are waiting for their commit; slow down and call again, or add a node");
  }
}
