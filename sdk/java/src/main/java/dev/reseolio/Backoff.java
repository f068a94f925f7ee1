package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The delay before the next attempt: grown from `initial`, capped by `max`, then varied by up to
/// ±`jitter`. What is null is the server's default. Start from [#exponential()], [#linear()] or
/// [#fixed()].
///
/// @param type how the delay grows
/// @param initial delay before the second attempt, 1 ms to 365 days; null: 1 s
/// @param factor growth of the exponential backoff, 1.0 to 100.0; null: 2.0
/// @param max upper bound of one delay, `initial` to 365 days; null: 60 s, or `initial` when that
///   is longer
/// @param jitter random part of the delay, 0.0 (none) to 1.0; null: 0.1
public record Backoff(
    Type type,
    @Nullable Duration initial,
    @Nullable Double factor,
    @Nullable Duration max,
    @Nullable Double jitter) {

  /// How the delay grows.
  public enum Type {
    /// `initial · factor^(attempt−1)`
    EXPONENTIAL,
    /// `initial · attempt`
    LINEAR,
    /// `initial`
    FIXED
  }

  public Backoff {
    if (initial != null) {
      Check.duration("backoff.initial", initial, Duration.ofMillis(1), Check.ONE_YEAR);
    }
    if (factor != null) {
      Check.range("backoff.factor", factor, 1, 100);
    }
    if (max != null) {
      Check.duration(
          "backoff.max", max, initial == null ? Duration.ofMillis(1) : initial, Check.ONE_YEAR);
    }
    if (jitter != null) {
      Check.range("backoff.jitter", jitter, 0, 1);
    }
  }

  public static Backoff exponential() {
    return new Backoff(Type.EXPONENTIAL, null, null, null, null);
  }

  public static Backoff linear() {
    return new Backoff(Type.LINEAR, null, null, null, null);
  }

  public static Backoff fixed() {
    return new Backoff(Type.FIXED, null, null, null, null);
  }

  public Backoff initial(Duration value) {
    return new Backoff(type, value, factor, max, jitter);
  }

  public Backoff factor(double value) {
    return new Backoff(type, initial, value, max, jitter);
  }

  public Backoff max(Duration value) {
    return new Backoff(type, initial, factor, value, jitter);
  }

  public Backoff jitter(double value) {
    return new Backoff(type, initial, factor, max, value);
  }
}
