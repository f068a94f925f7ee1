package dev.reseolio.internal;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// One daemon thread for beats, delays and the sending of outcomes; nothing of the application ever
/// runs on it. What comes after [#close()] is dropped.
public final class Timer implements AutoCloseable {
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, task -> Threads.daemon("reseolio-timer", task));

  public Timer() {
    thread.setRemoveOnCancelPolicy(true);
  }

  public void soon(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      Log.debug("Closed; dropping a task");
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the tasks log their own failures
  public void after(long millis, Runnable task) {
    try {
      thread.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      Log.debug("Closed; dropping a delayed task");
    }
  }

  public Future<?> every(long millis, Runnable task) {
    return thread.scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
