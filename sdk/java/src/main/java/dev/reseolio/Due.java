package dev.reseolio;

import dev.reseolio.internal.Check;
import java.time.Duration;
import java.time.Instant;

/// When a job is due, if not now.
public sealed interface Due {
  /// At this time; a time in the past means now.
  record At(Instant time) implements Due {}

  /// So long after the call, 0 to 3650 days.
  record After(Duration delay) implements Due {
    public After {
      Check.duration("delay", delay, Duration.ZERO, Check.TEN_YEARS);
    }
  }
}
