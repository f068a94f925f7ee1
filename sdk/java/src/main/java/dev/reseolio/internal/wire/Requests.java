package dev.reseolio.internal.wire;

import dev.reseolio.Backoff;
import dev.reseolio.CallOptions;
import dev.reseolio.Due;
import dev.reseolio.FunctionOptions;
import dev.reseolio.IdempotencyKey;
import dev.reseolio.proto.v1.BackoffType;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobOptions;
import dev.reseolio.proto.v1.Payload;
import org.jspecify.annotations.Nullable;

/// Enqueue requests. Only what is set is sent; the server knows the defaults.
public final class Requests {
  private Requests() {}

  /// Everything but the arguments: made once per function and options, completed by
  /// [#withArguments] for each call.
  public static EnqueueRequest template(String function, CallOptions options) {
    EnqueueRequest.Builder request = EnqueueRequest.newBuilder().setFunction(function);
    JobOptions run = options(options.run());
    if (!run.equals(JobOptions.getDefaultInstance())) {
      request.setOptions(run);
    }
    key(request, options.idempotency());
    due(request, options.due());
    if (options.deadline() != null) {
      request.setDeadline(Times.toProto(options.deadline()));
    }
    return request.addAllTags(options.tags()).build();
  }

  public static EnqueueRequest withArguments(EnqueueRequest template, Payload arguments) {
    return template.toBuilder().setArgs(arguments).build();
  }

  private static void key(EnqueueRequest.Builder request, @Nullable IdempotencyKey key) {
    if (key == null) {
      return;
    }
    request.setIdempotencyKey(key.key());
    if (key.ttl() != null) {
      request.setKeyTtl(Times.toProto(key.ttl()));
    }
  }

  private static void due(EnqueueRequest.Builder request, @Nullable Due due) {
    if (due instanceof Due.At at) {
      request.setRunAt(Times.toProto(at.time()));
    } else if (due instanceof Due.After after) {
      request.setDelay(Times.toProto(after.delay()));
    }
  }

  private static JobOptions options(FunctionOptions options) {
    JobOptions.Builder out = JobOptions.newBuilder();
    if (options.maxAttempts() != null) {
      out.setMaxAttempts(options.maxAttempts());
    }
    if (options.backoff() != null) {
      out.setBackoff(backoff(options.backoff()));
    }
    if (options.timeout() != null) {
      out.setTimeout(Times.toProto(options.timeout()));
    }
    if (options.queue() != null) {
      out.setQueue(options.queue());
    }
    if (options.priority() != null) {
      out.setPriority(options.priority());
    }
    return out.build();
  }

  private static dev.reseolio.proto.v1.Backoff backoff(Backoff backoff) {
    var out = dev.reseolio.proto.v1.Backoff.newBuilder().setType(type(backoff.type()));
    if (backoff.initial() != null) {
      out.setInitial(Times.toProto(backoff.initial()));
    }
    if (backoff.factor() != null) {
      out.setFactor(backoff.factor());
    }
    if (backoff.max() != null) {
      out.setMax(Times.toProto(backoff.max()));
    }
    if (backoff.jitter() != null) {
      out.setJitter(backoff.jitter());
    }
    return out.build();
  }

  private static BackoffType type(Backoff.Type type) {
    return switch (type) {
      case EXPONENTIAL -> BackoffType.BACKOFF_TYPE_EXPONENTIAL;
      case LINEAR -> BackoffType.BACKOFF_TYPE_LINEAR;
      case FIXED -> BackoffType.BACKOFF_TYPE_FIXED;
    };
  }
}
