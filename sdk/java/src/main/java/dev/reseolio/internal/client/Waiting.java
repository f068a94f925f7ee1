package dev.reseolio.internal.client;

import dev.reseolio.ReseolioException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Blocking waits of the application's threads.
public final class Waiting {
  private Waiting() {}

  /// The value, or the failure as the exception it is, with the waiting thread's stack in it as a
  /// suppressed one.
  public static <T> T join(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  public static RuntimeException unwrapped(ExecutionException e) {
    if (e.getCause() instanceof ReseolioException known) {
      known.addSuppressed(new IllegalStateException("waited for here"));
      return known;
    }
    return new ReseolioException("internal", "Unexpected failure: " + e.getCause(), e);
  }

  public static ReseolioException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ReseolioException("interrupted", "The waiting thread was interrupted", e);
  }
}
