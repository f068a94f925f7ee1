package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Options of one call, on top of the function's. Immutable: `CallOptions.key("charge-" +
/// orderId).delay(Duration.ofMinutes(5))`.
///
/// @param run what overrides the function's own options
/// @param idempotency null: none
/// @param due null: now
/// @param deadline time from now in which the job must succeed, all attempts together; null: no
///   limit
/// @param tags at most 16, each 1 to 255 characters
public record CallOptions(
    FunctionOptions run,
    @Nullable IdempotencyKey idempotency,
    @Nullable Due due,
    @Nullable Duration deadline,
    List<String> tags) {

  private static final CallOptions DEFAULTS =
      new CallOptions(FunctionOptions.defaults(), null, null, null, List.of());

  public CallOptions {
    if (deadline != null) {
      Check.duration("deadline", deadline, Duration.ofMillis(1), Check.TEN_YEARS);
    }
    tags = List.copyOf(tags);
    Check.range("number of tags", tags.size(), 0, 16, "use fewer tags");
    tags.forEach(tag -> Check.text("tag", tag));
  }

  /// Nothing set: the function's options.
  public static CallOptions defaults() {
    return DEFAULTS;
  }

  /// Only an idempotency key.
  public static CallOptions key(String key) {
    return DEFAULTS.idempotencyKey(key);
  }

  public CallOptions idempotencyKey(String key) {
    Duration ttl = idempotency == null ? null : idempotency.ttl();
    return new CallOptions(run, new IdempotencyKey(key, ttl), due, deadline, tags);
  }

  /// How long the idempotency key, set before this, is remembered.
  public CallOptions keyTtl(Duration ttl) {
    if (idempotency == null) {
      throw new ReseolioException(
          "invalid_argument",
          "keyTtl needs an idempotencyKey, but there is none; set the key first");
    }
    return new CallOptions(run, new IdempotencyKey(idempotency.key(), ttl), due, deadline, tags);
  }

  /// Due so long after the call. Replaces [#runAt].
  public CallOptions delay(Duration value) {
    return new CallOptions(run, idempotency, new Due.After(value), deadline, tags);
  }

  /// Due at this time. Replaces [#delay].
  public CallOptions runAt(Instant value) {
    return new CallOptions(run, idempotency, new Due.At(value), deadline, tags);
  }

  public CallOptions deadline(Duration value) {
    return new CallOptions(run, idempotency, due, value, tags);
  }

  public CallOptions tags(String... values) {
    return new CallOptions(run, idempotency, due, deadline, List.of(values));
  }

  public CallOptions maxAttempts(int value) {
    return run(run.maxAttempts(value));
  }

  public CallOptions backoff(Backoff value) {
    return run(run.backoff(value));
  }

  public CallOptions timeout(Duration value) {
    return run(run.timeout(value));
  }

  public CallOptions queue(String value) {
    return run(run.queue(value));
  }

  public CallOptions priority(int value) {
    return run(run.priority(value));
  }

  private CallOptions run(FunctionOptions value) {
    return new CallOptions(value, idempotency, due, deadline, tags);
  }

  /// These options, with those of `over` that are set in their place.
  public CallOptions merge(CallOptions over) {
    return new CallOptions(
        run.merge(over.run),
        over.idempotency != null ? over.idempotency : idempotency,
        over.due != null ? over.due : due,
        over.deadline != null ? over.deadline : deadline,
        over.tags.isEmpty() ? tags : over.tags);
  }
}
