package dev.reseolio;

import dev.reseolio.internal.Check;
import dev.reseolio.internal.Log;
import dev.reseolio.internal.worker.Ambient;
import dev.reseolio.internal.worker.Execution;
import java.lang.reflect.Type;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Steps of a durable function, for static import. What a step returned is in the database before
/// the handler goes on; when the job runs again, after a failure, a crash or a deployment, the step
/// is not run but returns what was recorded.
///
/// ```java
/// reseolio.durable("shop:orders:fulfil", Order.class, String.class, order -> {
///   String receipt = step("charge", String.class, context -> payments.charge(order, context.idempotencyKey()));
///   step("mail", () -> mails.confirm(order, receipt));
///   return step("ship", String.class, () -> carrier.book(order, receipt));
/// });
/// ```
///
/// - A body runs at least once: again when it threw, or when the process ended before its result
///   was recorded. Give [StepContext#idempotencyKey()] to what it calls.
/// - What the body threw is thrown here and nothing is recorded. A handler that does not catch it
///   fails as usual, and the next attempt runs this step again.
/// - A step is known by its name and its occurrence: the second `step("charge", …)` of an execution
///   is `charge#2`. Names have 1 to 255 characters, no control characters and no `#`.
/// - The result is always what the codec reads from what was recorded, also in the execution that
///   ran the body, so every execution sees the same value.
/// - A result that is too large or cannot be encoded or read throws a [NonRetryableException],
///   since no attempt could do better.
/// - When the attempt is to stop, a step that waits and every one after it throw a
///   [ReseolioException] (`interrupted`), and no body is begun.
/// - Steps are done one after the other, by the handler's own thread, and not inside each other
///   (`nested_step`). Outside a handler, and on threads a handler started itself, the body just
///   runs: nothing is recorded, its value is returned as it is, and its idempotency key is a new
///   one each time. While handlers run in the process, the first time is logged as a warning.
public final class Steps {
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Steps() {}

  /// The body of a step that returns something.
  @FunctionalInterface
  public interface Body<T extends @Nullable Object> {
    @Nullable T run(StepContext context) throws Exception;
  }

  /// The body of a step that returns nothing.
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  /// The same for one that looks at its context.
  @FunctionalInterface
  public interface ContextAction {
    void run(StepContext context) throws Exception;
  }

  /// A step that returns something.
  public static <T> T step(String name, Class<T> type, Callable<T> body) throws Exception {
    return step(name, TypeRef.of(type), body);
  }

  /// A step with a generic type.
  public static <T extends @Nullable Object> T step(String name, TypeRef<T> type, Callable<T> body)
      throws Exception {
    return step(name, type, context -> body.call());
  }

  /// A step that looks at its context.
  public static <T> T step(String name, Class<T> type, Body<T> body) throws Exception {
    return step(name, TypeRef.of(type), body);
  }

  /// A step with a generic type that looks at its context.
  public static <T extends @Nullable Object> T step(String name, TypeRef<T> type, Body<T> body)
      throws Exception {
    return Steps.<T>cast(run(name, type.type(), body));
  }

  /// A step that returns nothing.
  public static void step(String name, Action body) throws Exception {
    step(name, context -> body.run());
  }

  /// A step that returns nothing and looks at its context.
  public static void step(String name, ContextAction body) throws Exception {
    run(
        name,
        Void.class,
        context -> {
          body.run(context);
          return null;
        });
  }

  private static @Nullable Object run(String name, Type type, Body<?> body) throws Exception {
    Execution execution = Ambient.execution();
    if (execution != null) {
      return execution.step(name, type, body);
    }
    Check.stepName(name);
    if (Ambient.handlersRun() && !WARNED.getAndSet(true)) {
      Log.warn(
          "step(\""
              + name
              + "\") is called on the thread "
              + Thread.currentThread().getName()
              + ", which runs no handler: nothing is recorded there, and each attempt runs the body again; if a handler started that thread, call step() in the handler itself");
    }
    return body.run(new StepContext(name, UUID.randomUUID() + "/" + name));
  }

  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals",
    "NullAway"
  }) // the codec makes what the type says
  private static <T extends @Nullable Object> T cast(@Nullable Object result) {
    return (T) result;
  }
}
