package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Unique per function while it lives: a second call with the same key returns the job of the
/// first.
///
/// @param key 1 to 255 characters
/// @param ttl how long it is remembered, 1 s to 3650 days; null: 7 days
public record IdempotencyKey(String key, @Nullable Duration ttl) {
  public IdempotencyKey {
    Check.text("idempotencyKey", key);
    if (ttl != null) {
      Check.duration("keyTtl", ttl, Duration.ofSeconds(1), Check.TEN_YEARS);
    }
  }
}
