package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Tasks that have been handed over and wait for their first turn on a thread. While there are more
/// than [#MOST], what connections have read is held back: each message would become one more of
/// them, and takes 8 KiB (a segment of okio) until it is parsed, however small it is.
public final class Backlog implements Executor {
  static final int MOST = 256;

  private final Executor threads;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition shorter = lock.newCondition();

  /// @param threads what runs the tasks
  public Backlog(Executor threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    waiting.incrementAndGet();
    try {
      threads.execute(() -> {
        leave();
        task.run();
      });
    } catch (RejectedExecutionException e) {
      leave();
      throw e;
    }
  }

  private void leave() {
    if (waiting.decrementAndGet() == MOST) {
      lock.lock();
      try {
        shorter.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  void awaitShorter() throws IOException {
    if (waiting.get() <= MOST) {
      return;
    }
    lock.lock();
    try {
      while (waiting.get() > MOST) {
        shorter.await();
      }
      shorter.signal(); // One after the other: each may bring the next task.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while too many calls waited for a thread");
    } finally {
      lock.unlock();
    }
  }
}
