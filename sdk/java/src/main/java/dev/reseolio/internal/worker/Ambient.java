package dev.reseolio.internal.worker;

import dev.reseolio.JobContext;
import dev.reseolio.ReseolioException;
import org.jspecify.annotations.Nullable;

/// The execution of the current thread. A thread-local: scoped values are not in Java 17.
public final class Ambient {
  private static final ThreadLocal<@Nullable Execution> CURRENT = new ThreadLocal<>();

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

  static void enter(Execution execution) {
    CURRENT.set(execution);
  }

  static void leave() {
    CURRENT.remove();
  }
}
