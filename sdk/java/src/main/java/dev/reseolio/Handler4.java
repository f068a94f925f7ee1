package dev.reseolio;

import org.jspecify.annotations.Nullable;

/// The code of a durable function of four arguments. Whatever it throws fails the attempt; see
/// [NonRetryableException] and [RetryAfterException] to steer what happens next.
@FunctionalInterface
public interface Handler4<
    A extends @Nullable Object,
    B extends @Nullable Object,
    C extends @Nullable Object,
    D extends @Nullable Object,
    R extends @Nullable Object> {
  @Nullable R handle(A a, B b, C c, D d) throws Exception;
}
