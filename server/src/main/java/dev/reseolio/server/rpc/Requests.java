package dev.reseolio.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.job.Text;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.proto.v1.BackoffType;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobOptions;
import dev.reseolio.proto.v1.ListRequest;
import dev.reseolio.server.access.Caller;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What clients send, as the engine's values. Omitted fields get their defaults here.
final class Requests {
  /// Bound of the protocol's durations; keeps every sum and conversion from overflowing.
  private static final long MAX_SECONDS = 315_576_000_000L;

  private Requests() {}

  static NewJob newJob(EnqueueRequest request, Instant now) {
    JobOptions options = request.getOptions();
    String queue = options.getQueue().isEmpty() ? Lane.DEFAULT_QUEUE : options.getQueue();
    return new NewJob(
        new NewJob.Target(request.getFunction(), queue),
        options.hasPriority() ? options.getPriority() : NewJob.DEFAULT_PRIORITY,
        payload(request.getArgs()),
        policy(options),
        due(request, now),
        labels(request));
  }

  private static RunPolicy policy(JobOptions options) {
    return new RunPolicy(
        options.hasMaxAttempts() ? options.getMaxAttempts() : RunPolicy.DEFAULT.maxAttempts(),
        options.hasBackoff() ? backoff(options.getBackoff()) : Backoff.DEFAULT,
        options.hasTimeout()
            ? duration("timeout", options.getTimeout())
            : RunPolicy.DEFAULT.timeout());
  }

  private static Backoff backoff(dev.reseolio.proto.v1.Backoff backoff) {
    java.time.Duration initial =
        backoff.hasInitial()
            ? duration("backoff.initial", backoff.getInitial())
            : Backoff.DEFAULT.initial();
    java.time.Duration max =
        backoff.hasMax() ? duration("backoff.max", backoff.getMax()) : Backoff.DEFAULT.max();
    return new Backoff(
        type(backoff.getType()),
        initial,
        backoff.hasFactor() ? backoff.getFactor() : Backoff.DEFAULT.factor(),
        !backoff.hasMax() && initial.compareTo(max) > 0 ? initial : max,
        backoff.hasJitter() ? backoff.getJitter() : Backoff.DEFAULT.jitter());
  }

  private static Backoff.Type type(BackoffType type) {
    return switch (type) {
      case BACKOFF_TYPE_UNSPECIFIED, BACKOFF_TYPE_EXPONENTIAL -> Backoff.Type.EXPONENTIAL;
      case BACKOFF_TYPE_LINEAR -> Backoff.Type.LINEAR;
      case BACKOFF_TYPE_FIXED -> Backoff.Type.FIXED;
      case UNRECOGNIZED ->
          throw EngineException.invalid(
              "backoff.type", "backoff.type must be exponential, linear or fixed; use one of them");
    };
  }

  private static NewJob.Due due(EnqueueRequest request, Instant now) {
    Instant runAt =
        switch (request.getDueCase()) {
          case RUN_AT -> instant("run_at", request.getRunAt());
          case DELAY -> now.plus(within("delay", duration("delay", request.getDelay()), 0));
          case DUE_NOT_SET -> now;
        };
    Instant deadline =
        request.hasDeadline()
            ? now.plus(within("deadline", duration("deadline", request.getDeadline()), 1))
            : null;
    return new NewJob.Due(runAt.isAfter(now) ? runAt : null, deadline);
  }

  private static java.time.Duration within(
      String field, java.time.Duration value, long leastMillis) {
    if (value.toMillis() < leastMillis || value.toDays() > 3650) {
      throw EngineException.invalid(
          field, "%s must be %d ms to 3650 days, but is %s".formatted(field, leastMillis, value));
    }
    return value;
  }

  private static NewJob.Labels labels(EnqueueRequest request) {
    if (request.getIdempotencyKey().isEmpty()
        && request.getTagsCount() == 0
        && !request.hasKeyTtl()) {
      return NewJob.Labels.NONE;
    }
    return new NewJob.Labels(
        request.getIdempotencyKey().isEmpty() ? null : request.getIdempotencyKey(),
        request.hasKeyTtl()
            ? duration("key_ttl", request.getKeyTtl())
            : NewJob.Labels.DEFAULT_KEY_TTL,
        request.getTagsList());
  }

  /// @param caller one that is limited to some functions must name one of them
  static JobFilter filter(ListRequest request, Caller caller) {
    if (caller.limited()) {
      caller.require(request.getFunction());
    }
    int size = request.getPageSize() == 0 ? 50 : request.getPageSize();
    if (size < 1 || size > 1000) {
      throw EngineException.invalid("page_size", "page_size must be 1 to 1000, but is " + size);
    }
    return new JobFilter(
        statuses(request),
        nameOrNull("function", request.getFunction()),
        nameOrNull("queue", request.getQueue()),
        nameOrNull("tag", request.getTag()),
        request.hasCreatedAfter() ? instant("created_after", request.getCreatedAfter()) : null,
        request.hasCreatedBefore() ? instant("created_before", request.getCreatedBefore()) : null,
        pageToken(request.getPageToken()),
        size);
  }

  private static Set<JobStatus> statuses(ListRequest request) {
    EnumSet<JobStatus> statuses = EnumSet.noneOf(JobStatus.class);
    for (var status : request.getStatusesList()) {
      statuses.add(status(status));
    }
    return statuses;
  }

  private static JobStatus status(dev.reseolio.proto.v1.JobStatus status) {
    return switch (status) {
      case JOB_STATUS_UNSPECIFIED, UNRECOGNIZED ->
          throw EngineException.invalid(
              "statuses", "statuses must name known job states; leave it out for any");
      case JOB_STATUS_SCHEDULED,
          JOB_STATUS_PENDING,
          JOB_STATUS_RUNNING,
          JOB_STATUS_WAITING,
          JOB_STATUS_SUCCEEDED,
          JOB_STATUS_DEAD,
          JOB_STATUS_CANCELLED ->
          JobStatus.of(status.getNumber());
    };
  }

  private static @Nullable String nameOrNull(String field, String name) {
    return name.isEmpty() ? null : Text.name(field, name);
  }

  private static @Nullable UUID pageToken(String token) {
    try {
      return token.isEmpty() ? null : UUID.fromString(token);
    } catch (IllegalArgumentException malformed) {
      throw EngineException.invalid(
          "page_token",
          "page_token must be the next_page_token of a page before; omit it for the first page");
    }
  }

  static Payload payload(dev.reseolio.proto.v1.Payload payload) {
    if (payload.getData().isEmpty() && payload.getContentType().isEmpty()) {
      return Payload.EMPTY;
    }
    String type = payload.getContentType();
    boolean json = type.isEmpty() || type.equals("application/json");
    return new Payload(
        payload.getData().toByteArray(), json ? null : Text.name("content_type", type));
  }

  static ByteString bytes(Payload payload) {
    return UnsafeByteOperations.unsafeWrap(payload.data());
  }

  static java.time.Duration duration(String field, Duration value) {
    if (Math.abs(value.getSeconds()) > MAX_SECONDS) {
      throw EngineException.invalid(field, field + " must be at most 10000 years; use less");
    }
    return java.time.Duration.ofSeconds(value.getSeconds(), value.getNanos());
  }

  private static Instant instant(String field, Timestamp value) {
    try {
      Instant instant = Instant.ofEpochSecond(value.getSeconds(), value.getNanos());
      if (instant.isBefore(Instant.EPOCH)
          || instant.isAfter(Instant.parse("2200-01-01T00:00:00Z"))) {
        throw EngineException.invalid(
            field, field + " must be between 1970 and 2200, but is " + instant);
      }
      return instant;
    } catch (DateTimeException | ArithmeticException overflow) {
      throw EngineException.invalid(field, field + " must be a time between 1970 and 2200");
    }
  }
}
