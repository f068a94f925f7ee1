package dev.reseolio.internal.worker;

import dev.reseolio.JobContext;
import dev.reseolio.ReseolioException;
import org.jspecify.annotations.Nullable;

/// The attempt of the current thread. A thread-local: scoped values are not in Java 17.
public final class Ambient {
  private static final ThreadLocal<@Nullable JobContext> CURRENT = new ThreadLocal<>();

  private Ambient() {}

  public static JobContext current() {
    JobContext context = CURRENT.get();
    if (context == null) {
      throw new ReseolioException(
          "no_job",
          "JobContext.current() works on the thread that runs a handler, but this is "
              + Thread.currentThread().getName()
              + "; take the context in the handler and hand it on");
    }
    return context;
  }

  static void enter(JobContext context) {
    CURRENT.set(context);
  }

  static void leave() {
    CURRENT.remove();
  }
}
