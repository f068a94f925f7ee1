package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How the jobs of a function are run. What is null is the server's default. Immutable:
/// `FunctionOptions.defaults().maxAttempts(5).timeout(Duration.ofSeconds(5))`.
///
/// @param maxAttempts attempts that may fail before the job is dead, 1 to 10000; null: 3
/// @param backoff the delay between attempts; null: exponential, 1 s to 60 s, jitter 0.1
/// @param timeout time one attempt may take, 1 ms to 365 days; null: 30 s
/// @param queue lane the job waits in, 1 to 255 characters; null: `default`
/// @param priority 0 (runs first) to 9 (runs last); null: 5
/// @param retryIf asked in the worker what to do with an error: false makes the job dead at once;
///   null: every error is retried
public record FunctionOptions(
    @Nullable Integer maxAttempts,
    @Nullable Backoff backoff,
    @Nullable Duration timeout,
    @Nullable String queue,
    @Nullable Integer priority,
    @Nullable Predicate<? super Throwable> retryIf) {

  private static final FunctionOptions DEFAULTS =
      new FunctionOptions(null, null, null, null, null, null);

  public FunctionOptions {
    if (maxAttempts != null) {
      Check.range("maxAttempts", maxAttempts, 1, 10_000, "1 runs a job once, without retries");
    }
    if (timeout != null) {
      Check.duration("timeout", timeout, Duration.ofMillis(1), Check.ONE_YEAR);
    }
    if (queue != null) {
      Check.text("queue", queue);
    }
    if (priority != null) {
      Check.range("priority", priority, 0, 9, "0 runs first, 9 runs last");
    }
  }

  /// Nothing set: the server's defaults.
  public static FunctionOptions defaults() {
    return DEFAULTS;
  }

  public FunctionOptions maxAttempts(int value) {
    return new FunctionOptions(value, backoff, timeout, queue, priority, retryIf);
  }

  public FunctionOptions backoff(Backoff value) {
    return new FunctionOptions(maxAttempts, value, timeout, queue, priority, retryIf);
  }

  public FunctionOptions timeout(Duration value) {
    return new FunctionOptions(maxAttempts, backoff, value, queue, priority, retryIf);
  }

  public FunctionOptions queue(String value) {
    return new FunctionOptions(maxAttempts, backoff, timeout, value, priority, retryIf);
  }

  public FunctionOptions priority(int value) {
    return new FunctionOptions(maxAttempts, backoff, timeout, queue, value, retryIf);
  }

  public FunctionOptions retryIf(Predicate<? super Throwable> value) {
    return new FunctionOptions(maxAttempts, backoff, timeout, queue, priority, value);
  }

  /// These options, with those of `over` that are set in their place.
  public FunctionOptions merge(FunctionOptions over) {
    return new FunctionOptions(
        first(over.maxAttempts, maxAttempts),
        first(over.backoff, backoff),
        first(over.timeout, timeout),
        first(over.queue, queue),
        first(over.priority, priority),
        first(over.retryIf, retryIf));
  }

  private static <T> @Nullable T first(@Nullable T over, @Nullable T under) {
    return over != null ? over : under;
  }
}
