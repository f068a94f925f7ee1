package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Thrown by a handler: the attempt failed, and the next one is due after this delay, in place of
/// the backoff.
public class RetryAfterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration delay;

  public RetryAfterException(Duration delay) {
    this(delay, "retry after " + delay, null);
  }

  public RetryAfterException(Duration delay, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.delay = Check.duration("delay", delay, Duration.ZERO, Check.TEN_YEARS);
  }

  public Duration delay() {
    return delay;
  }
}
