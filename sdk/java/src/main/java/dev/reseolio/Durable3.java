package dev.reseolio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A durable function of three arguments: calling it creates a job. Immutable and safe to share.
public final class Durable3<
    A extends @Nullable Object,
    B extends @Nullable Object,
    C extends @Nullable Object,
    R extends @Nullable Object> {
  private final Caller<R> caller;

  Durable3(Caller<R> caller) {
    this.caller = caller;
  }

  public String name() {
    return caller.name();
  }

  /// The same function, called with these options on top of those it has.
  public Durable3<A, B, C, R> with(CallOptions options) {
    return new Durable3<>(caller.with(options));
  }

  /// Creates a job; returns when it is committed.
  ///
  /// @throws ReseolioException when it is not, or when that cannot be known (`outcome_unknown`)
  public JobHandle<R> call(A a, B b, C c) {
    return caller.call(a, b, c);
  }

  /// The same without waiting; the future completes when the job is committed.
  public CompletableFuture<JobHandle<R>> callAsync(A a, B b, C c) {
    return caller.callAsync(a, b, c);
  }
}
