package dev.reseolio.internal;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The threads of the SDK. All are daemons: they do not keep a process alive.
public final class Threads {
  private static final @Nullable ThreadFactory VIRTUAL = virtualFactory();

  private Threads() {}

  public static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /// A thread for each handler: virtual on Java 21 and later, else pooled; the server's credits are
  /// the bound.
  public static Executor handlers() {
    if (VIRTUAL != null) {
      ThreadFactory factory = VIRTUAL;
      return task -> factory.newThread(task).start();
    }
    AtomicLong number = new AtomicLong();
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        10,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> daemon("reseolio-job-" + number.getAndIncrement(), task));
  }

  /// Where the application's futures are completed: never on the thread that reads the socket. Not
  /// the common pool, in whose place a CompletableFuture before Java 25 makes a new thread each
  /// time when there are two cores or fewer.
  public static Executor completions() {
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    return VIRTUAL != null ? handlers() : new ForkJoinPool(threads);
  }

  /// `Thread.ofVirtual().name("reseolio-job-", 0).factory()`, which Java 17 cannot compile.
  private static @Nullable ThreadFactory virtualFactory() {
    if (Runtime.version().feature() < 21) {
      return null;
    }
    try {
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Method name = type.getMethod("name", String.class, long.class);
      return (ThreadFactory)
          type.getMethod("factory").invoke(name.invoke(builder, "reseolio-job-", 0L));
    } catch (ReflectiveOperationException e) {
      Log.warn("No virtual threads; handlers run on a pool", e);
      return null;
    }
  }
}
