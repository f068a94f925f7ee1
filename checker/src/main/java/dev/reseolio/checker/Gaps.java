package dev.reseolio.checker;

import dev.reseolio.checker.Event.Lost;
import java.util.List;

/// The times of which a copy that was promoted knows nothing. What was told then may be untrue now.
record Gaps(List<Lost> all) {
  static Gaps of(List<Event> events) {
    return new Gaps(events.stream().filter(Lost.class::isInstance).map(Lost.class::cast).toList());
  }

  boolean hold(Event event) {
    return all.stream().anyMatch(gap -> event.at() - gap.from() >= 0 && event.at() - gap.at() <= 0);
  }
}
