package dev.reseolio;

import dev.reseolio.internal.Check;
import dev.reseolio.internal.worker.FunctionDefinition;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Durable functions: every call runs to completion, across crashes, restarts and deployments. Make
/// one per process and share it.
///
/// ```java
/// try (Reseolio reseolio = Reseolio.builder().storage("postgres://localhost/app").start()) {
///   var charge = reseolio.durable(Reseolio.namespace("billing", "invoices", "charge"),
///       String.class, Receipt.class, userId -> payments.charge(userId), FunctionOptions.defaults().maxAttempts(5));
///   JobHandle<Receipt> job = charge.call("user_123"); // returns when the intent is committed
///   Receipt receipt = job.result();
/// }
/// ```
public final class Reseolio extends DurableFunctions implements AutoCloseable {
  private final Core core;

  Reseolio(Core core) {
    this.core = core;
  }

  public static ReseolioBuilder builder() {
    return new ReseolioBuilder();
  }

  /// The name of a function: non-empty parts without `:` and `/`, joined by `:`.
  public static String namespace(String... parts) {
    return Check.namespace(parts);
  }

  /// A job made anywhere, by its id. Whether it exists is found out by the first question to it.
  public <R> JobHandle<R> handle(String jobId, Class<R> result) {
    return new JobHandle<>(core, jobId, result);
  }

  /// The same for a result type with generics.
  public <R extends @Nullable Object> JobHandle<R> handle(String jobId, TypeRef<R> result) {
    return new JobHandle<>(core, jobId, result.type());
  }

  @Override
  <R extends @Nullable Object> Caller<R> define(
      String name,
      Type result,
      FunctionOptions options,
      FunctionDefinition.Code code,
      Type... parameters) {
    Check.functionName(name);
    core.register(new FunctionDefinition(name, List.of(parameters), code, options));
    CallOptions calls = CallOptions.defaults();
    CallOptions base =
        new CallOptions(options, calls.idempotency(), calls.due(), calls.deadline(), calls.tags());
    return new Caller<>(core, name, result, base);
  }

  /// Takes no more jobs, waits for the running ones, and stops the sidecar if it is ours.
  /// Idempotent.
  @Override
  public void close() {
    core.close();
  }
}
