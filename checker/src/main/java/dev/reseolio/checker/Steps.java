package dev.reseolio.checker;

import dev.reseolio.checker.Event.Started;
import dev.reseolio.checker.Event.StepGiven;
import dev.reseolio.checker.Event.StepStarted;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Compares what handlers were given for their steps with what the database holds: I7. A later
/// execution is leased only after everything the one before was told is committed, so their numbers
/// order them, not the clock.
final class Steps {
  private final Verdict verdict;
  private final Gaps gaps;
  private final Map<String, Commits.Job> jobs;

  /// The number of the first execution that was given a step.
  private final Map<Step, Integer> first = new HashMap<>();

  /// Their numbers say nothing: a failover took back that they were leased.
  private final Set<Commits.Execution> inGaps = new HashSet<>();

  private record Step(String job, String key) {}

  Steps(Verdict verdict, Gaps gaps, Map<String, Commits.Job> jobs) {
    this.verdict = verdict;
    this.gaps = gaps;
    this.jobs = jobs;
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
        given(given);
      }
    }
    for (Event event : events) {
      if (event instanceof StepStarted start && counts(start.job(), start.attempt())) {
        Integer given = first.get(new Step(start.job(), start.key()));
        verdict.check(
            Invariant.ONE_VALUE_PER_STEP,
            given == null || given >= start.attempt(),
            "done again after attempt " + given + " was given it: " + start);
      }
    }
  }

  private boolean counts(String job, int attempt) {
    return !inGaps.contains(new Commits.Execution(job, attempt));
  }

  private void given(StepGiven given) {
    first.merge(new Step(given.job(), given.key()), given.attempt(), Math::min);
    Commits.Job job = jobs.get(given.job());
    String recorded = job == null ? null : job.steps.get(given.key());
    verdict.check(
        Invariant.ONE_VALUE_PER_STEP,
        given.value().equals(recorded),
        "recorded is " + recorded + ", but was given: " + given);
  }
}
