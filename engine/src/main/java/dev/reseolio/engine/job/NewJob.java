package dev.reseolio.engine.job;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A job as its caller asks for it, valid by construction.
///
/// @param priority 0 (runs first) to 9 (runs last)
public record NewJob(
    Target target, int priority, Payload args, RunPolicy policy, Due due, Labels labels) {
  public static final int DEFAULT_PRIORITY = 5;

  public NewJob {
    if (args.type() != null) {
      Text.name("content_type", args.type());
    }
    if (priority < 0 || priority > 9) {
      throw EngineException.invalid(
          "priority", "priority must be 0 (first) to 9 (last), but is " + priority);
    }
  }

  /// A job with every default, due now.
  public static NewJob of(String function, Payload args) {
    return new NewJob(
        new Target(function, Lane.DEFAULT_QUEUE),
        DEFAULT_PRIORITY,
        args,
        RunPolicy.DEFAULT,
        Due.NOW,
        Labels.NONE);
  }

  /// Names of the function and of the queue it waits in.
  public record Target(String function, String queue) {
    public Target {
      Text.name("function", function);
      Text.name("queue", queue);
    }
  }

  /// When the job may run.
  ///
  /// @param runAt not before this; null: now
  /// @param deadline no execution starts after this; null: no limit
  public record Due(@Nullable Instant runAt, @Nullable Instant deadline) {
    public static final Due NOW = new Due(null, null);
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    public Due {
      runAt = within("run_at", runAt);
      deadline = within("deadline", deadline);
      if (runAt != null && deadline != null && !deadline.isAfter(runAt)) {
        throw EngineException.invalid(
            "deadline",
            "deadline (%s) must be after the time the job is due (%s)".formatted(deadline, runAt));
      }
    }

    /// To the microsecond, as the database keeps it: what is valid here is valid when read back.
    private static @Nullable Instant within(String field, @Nullable Instant at) {
      if (at == null) {
        return null;
      }
      Instant kept = at.truncatedTo(ChronoUnit.MICROS);
      if (kept.isBefore(FIRST) || kept.isAfter(LAST)) {
        throw EngineException.invalid(
            field, "%s must be in the years 1 to 9999, but is %s".formatted(field, at));
      }
      return kept;
    }
  }

  /// What the job can be found by.
  ///
  /// @param key idempotency key; null: none
  /// @param keyTtl how long the key is remembered
  /// @param tags at most 16
  public record Labels(@Nullable String key, Duration keyTtl, List<String> tags) {
    public static final Duration DEFAULT_KEY_TTL = Duration.ofDays(7);
    public static final Labels NONE = new Labels(null, DEFAULT_KEY_TTL, List.of());

    public Labels {
      if (key != null) {
        Text.name("idempotency_key", key);
      }
      if (keyTtl.compareTo(Duration.ofSeconds(1)) < 0
          || keyTtl.compareTo(Duration.ofDays(3650)) > 0) {
        throw EngineException.invalid(
            "key_ttl", "key_ttl must be 1 s to 3650 days, but is " + keyTtl);
      }
      tags = List.copyOf(tags);
      if (tags.size() > 16) {
        throw EngineException.invalid("tags", "at most 16 tags, but there are " + tags.size());
      }
      tags.forEach(tag -> Text.name("tags", tag));
    }
  }
}
