package dev.reseolio.engine.job;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The delay before the next attempt: grows by type, is capped by `max`, then varied by up to
/// ±`jitter`. Milliseconds all through; no attempt count overflows.
public record Backoff(Type type, Duration initial, double factor, Duration max, double jitter) {
  public enum Type {
    EXPONENTIAL,
    LINEAR,
    FIXED
  }

  public static final Duration LIMIT = Duration.ofDays(365);
  public static final Backoff DEFAULT =
      new Backoff(Type.EXPONENTIAL, Duration.ofSeconds(1), 2.0, Duration.ofMinutes(1), 0.1);

  public Backoff {
    initial = initial.truncatedTo(ChronoUnit.MILLIS);
    max = max.truncatedTo(ChronoUnit.MILLIS);
    within("backoff.initial", initial, Duration.ofMillis(1));
    within("backoff.max", max, initial);
    if (!(factor >= 1.0 && factor <= 100.0)) {
      throw EngineException.invalid(
          "backoff.factor", "backoff.factor must be 1.0 to 100.0, but is " + factor);
    }
    if (!(jitter >= 0.0 && jitter <= 1.0)) {
      throw EngineException.invalid(
          "backoff.jitter", "backoff.jitter must be 0.0 (none) to 1.0, but is " + jitter);
    }
  }

  private static void within(String field, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LIMIT) > 0) {
      throw EngineException.invalid(
          field,
          "%s must be %d ms to 365 days, but is %s".formatted(field, least.toMillis(), value));
    }
  }

  /// Delay after that many failed attempts.
  ///
  /// @param failures at least 1
  public Duration delay(int failures, RandomGenerator random) {
    double base = (double) initial.toMillis();
    double grown =
        switch (type) {
          case EXPONENTIAL -> base * Math.pow(factor, failures - 1.0);
          case LINEAR -> base * failures;
          case FIXED -> base;
        };
    double capped = Math.min(grown, (double) max.toMillis());
    double varied = capped * (1 + jitter * (2 * random.nextDouble() - 1));
    return Duration.ofMillis(Math.max(0, Math.round(varied)));
  }

  /// The form kept in the database, e.g. `exponential 1000 2.0 60000 0.1`; null for the default.
  public @Nullable String encode() {
    return equals(DEFAULT)
        ? null
        : "%s %d %s %d %s"
            .formatted(
                type.name().toLowerCase(Locale.ROOT),
                initial.toMillis(),
                factor,
                max.toMillis(),
                jitter);
  }

  /// Reads what [#encode()] wrote.
  public static Backoff decode(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    String[] part = text.split(" ", 5);
    return new Backoff(
        Type.valueOf(part[0].toUpperCase(Locale.ROOT)),
        Duration.ofMillis(Long.parseLong(part[1])),
        Double.parseDouble(part[2]),
        Duration.ofMillis(Long.parseLong(part[3])),
        Double.parseDouble(part[4]));
  }
}
