package dev.reseolio;

import org.jspecify.annotations.Nullable;

/// The code of a durable function of one argument. Whatever it throws fails the attempt; see
/// [NonRetryableException] and [RetryAfterException] to steer what happens next.
@FunctionalInterface
public interface Handler1<A extends @Nullable Object, R extends @Nullable Object> {
  @Nullable R handle(A a) throws Exception;
}
