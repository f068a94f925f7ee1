package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// Tasks that have been handed over and wait for their first turn on a thread. While there are more
/// than [#MOST], what connections have read is held back: each message would become one more of
/// them, and takes 8 KiB (a segment of okio) until it is parsed, however small it is.
///
/// Readers go on in the order in which they came: one that others overtake for long would not read
/// what its client answers to a ping, and its connection would be taken for dead.
public final class Backlog implements Executor {
  static final int MOST = 256;

  private final Executor threads;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<CountDownLatch> held = new ConcurrentLinkedQueue<>();

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
    waiting.decrementAndGet();
    letGoOne();
  }

  private void letGoOne() {
    if (waiting.get() <= MOST) {
      var first = held.poll();
      if (first != null) {
        first.countDown();
      }
    }
  }

  void awaitShorter() throws IOException {
    if (waiting.get() <= MOST && held.isEmpty()) {
      return;
    }
    var turn = new CountDownLatch(1);
    held.add(turn);
    letGoOne();
    try {
      turn.await();
    } catch (InterruptedException e) {
      held.remove(turn);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while too many calls waited for a thread");
    } finally {
      letGoOne(); // One after the other: each may bring the next task.
    }
  }
}
