package dev.reseolio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A durable function of no arguments: calling it creates a job. Immutable and safe to share.
public final class Durable0<R extends @Nullable Object> {
  private final Caller<R> caller;

  Durable0(Caller<R> caller) {
    this.caller = caller;
  }

  public String name() {
    return caller.name();
  }

  /// The same function, called with these options on top of those it has.
  public Durable0<R> with(CallOptions options) {
    return new Durable0<>(caller.with(options));
  }

  /// Creates a job; returns when it is committed.
  ///
  /// @throws ReseolioException when it is not, or when that cannot be known (`outcome_unknown`)
  public JobHandle<R> call() {
    return caller.call();
  }

  /// The same without waiting; the future completes when the job is committed.
  public CompletableFuture<JobHandle<R>> callAsync() {
    return caller.callAsync();
  }
}
