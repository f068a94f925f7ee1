package dev.reseolio;

import dev.reseolio.internal.client.Waiting;
import dev.reseolio.internal.wire.Requests;
import dev.reseolio.proto.v1.EnqueueRequest;
import java.lang.reflect.Type;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What calling a function takes, whatever its number of arguments.
final class Caller<R extends @Nullable Object> {
  private final Core core;
  private final String name;
  private final Type resultType;
  private final CallOptions options;
  private final EnqueueRequest template;

  Caller(Core core, String name, Type resultType, CallOptions options) {
    this.core = core;
    this.name = name;
    this.resultType = resultType;
    this.options = options;
    this.template = Requests.template(name, options);
  }

  String name() {
    return name;
  }

  Caller<R> with(CallOptions over) {
    return new Caller<>(core, name, resultType, options.merge(over));
  }

  JobHandle<R> call(@Nullable Object... arguments) {
    return handle(Waiting.join(core.enqueue(template, arguments)));
  }

  CompletableFuture<JobHandle<R>> callAsync(@Nullable Object... arguments) {
    try {
      return core.enqueue(template, arguments).thenApplyAsync(this::handle, core.completions());
    } catch (ReseolioException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private JobHandle<R> handle(String jobId) {
    return new JobHandle<>(core, jobId, resultType);
  }
}
