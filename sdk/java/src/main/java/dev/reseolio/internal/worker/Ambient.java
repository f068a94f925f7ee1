package dev.reseolio.internal.worker;

import dev.reseolio.JobContext;
import dev.reseolio.ReseolioException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The execution of the current thread. A thread-local: scoped values are not in Java 17.
public final class Ambient {
  private static final ThreadLocal<@Nullable Execution> CURRENT = new ThreadLocal<>();
  private static final AtomicInteger RUNNING = new AtomicInteger();

  private Ambient() {}

  public static JobContext current() {
    Execution execution = execution();
    if (execution == null) {
      throw new ReseolioException(
          "no_job",
          "JobContext.current() works on the thread that runs a handler, but this is "
              + Thread.currentThread().getName()
              + "; take the context in the handler and hand it on");
    }
    return execution.attempt();
  }

  /// Null outside a handler, and on a thread the handler started itself.
  public static @Nullable Execution execution() {
    return CURRENT.get();
  }

  /// True while some thread of this process runs a handler.
  public static boolean handlersRun() {
    return RUNNING.get() > 0;
  }

  static void enter(Execution execution) {
    RUNNING.incrementAndGet();
    CURRENT.set(execution);
  }

  static void leave() {
    CURRENT.remove();
    RUNNING.decrementAndGet();
  }
}
