package dev.reseolio;

import org.jspecify.annotations.Nullable;

/// The code of a durable function of no arguments. Whatever it throws fails the attempt; see
/// [NonRetryableException] and [RetryAfterException] to steer what happens next.
@FunctionalInterface
public interface Handler0<R extends @Nullable Object> {
  @Nullable R handle() throws Exception;
}
