package dev.reseolio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A durable function of one argument: calling it creates a job. Immutable and safe to share.
public final class Durable1<A extends @Nullable Object, R extends @Nullable Object> {
  private final Caller<R> caller;

  Durable1(Caller<R> caller) {
    this.caller = caller;
  }

  public String name() {
    return caller.name();
  }

  /// The same function, called with these options on top of those it has.
  public Durable1<A, R> with(CallOptions options) {
    return new Durable1<>(caller.with(options));
  }

  /// Creates a job; returns when it is committed.
  ///
  /// @throws ReseolioException when it is not, or when that cannot be known (`outcome_unknown`)
  public JobHandle<R> call(A a) {
    return caller.call(a);
  }

  /// The same without waiting; the future completes when the job is committed.
  public CompletableFuture<JobHandle<R>> callAsync(A a) {
    return caller.callAsync(a);
  }
}
