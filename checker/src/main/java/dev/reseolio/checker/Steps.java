package dev.reseolio.checker;

import dev.reseolio.checker.Event.Started;
import dev.reseolio.checker.Event.StepGiven;
import dev.reseolio.checker.Event.StepStarted;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Compares what handlers were given for their steps: I7. A later execution is leased only after
/// everything the one before was told is committed, so their numbers order them, not the clock.
final class Steps {
  private final Verdict verdict;
  private final Gaps gaps;
  private final Map<Step, StepGiven> first = new HashMap<>();

  /// Their numbers say nothing: a failover took back that they were leased.
  private final Set<Commits.Execution> inGaps = new HashSet<>();

  private record Step(String job, String key) {}

  Steps(Verdict verdict, Gaps gaps) {
    this.verdict = verdict;
    this.gaps = gaps;
  }

  void check(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Started start && gaps.hold(start)) {
        inGaps.add(new Commits.Execution(start.job(), start.attempt()));
      }
    }
    for (Event event : events) {
      if (event instanceof StepGiven given
          && !gaps.hold(given)
          && counts(given.job(), given.attempt())) {
        first.merge(new Step(given.job(), given.key()), given, this::earlier);
      }
    }
    for (Event event : events) {
      if (event instanceof StepStarted start && counts(start.job(), start.attempt())) {
        StepGiven given = first.get(new Step(start.job(), start.key()));
        verdict.check(
            Invariant.ONE_VALUE_PER_STEP,
            given == null || given.attempt() >= start.attempt(),
            "a step that was recorded is done again: " + start + " after " + given);
      }
    }
  }

  private boolean counts(String job, int attempt) {
    return !inGaps.contains(new Commits.Execution(job, attempt));
  }

  private StepGiven earlier(StepGiven one, StepGiven other) {
    verdict.check(
        Invariant.ONE_VALUE_PER_STEP,
        one.value().equals(other.value()),
        "two values of one step: " + one + " and " + other);
    return one.attempt() <= other.attempt() ? one : other;
  }
}
