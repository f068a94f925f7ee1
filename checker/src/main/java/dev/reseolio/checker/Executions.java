package dev.reseolio.checker;

import dev.reseolio.checker.Event.Ended;
import dev.reseolio.checker.Event.Started;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Compares what handlers did with what the database holds: I6.
final class Executions {
  private final Verdict verdict;
  private final Gaps gaps;
  private final Map<String, Commits.Job> jobs;
  private final Map<String, SortedMap<Integer, Run>> runs = new HashMap<>();
  private final Set<Commits.Execution> inGaps = new HashSet<>();
  private final List<Long> overlaps = new ArrayList<>();

  private static final class Run {
    long start = Long.MAX_VALUE;
    @Nullable Long end;
  }

  Executions(Verdict verdict, Gaps gaps, Map<String, Commits.Job> jobs) {
    this.verdict = verdict;
    this.gaps = gaps;
    this.jobs = jobs;
  }

  /// How long executions that had been lost ran beside their successors, in nanoseconds.
  List<Long> overlaps() {
    return overlaps;
  }

  void check(List<Event> events) {
    for (Event event : events) {
      switch (event) {
        case Started start when gaps.hold(start) ->
            inGaps.add(new Commits.Execution(start.job(), start.attempt()));
        case Started start -> started(start);
        case Ended end -> run(end.job(), end.attempt()).end = end.at();
        default -> {}
      }
    }
    runs.forEach(this::beside);
    jobs.values().forEach(this::ended);
  }

  private Run run(String job, int attempt) {
    return runs.computeIfAbsent(job, j -> new TreeMap<>()).computeIfAbsent(attempt, a -> new Run());
  }

  private void started(Started start) {
    Run run = run(start.job(), start.attempt());
    verdict.check(Invariant.ONE_EXECUTION, run.start == Long.MAX_VALUE, "started again: " + start);
    run.start = Math.min(run.start, start.at());
  }

  private void beside(String id, SortedMap<Integer, Run> attempts) {
    Commits.Job job = jobs.get(id);
    if (job == null) {
      return;
    }
    if (job.end != null) {
      verdict.check(
          Invariant.ONE_EXECUTION,
          attempts.lastKey() <= job.endedWith,
          id + " ended with attempt " + job.endedWith + ", but " + attempts.lastKey() + " started");
    }
    @Nullable Run before = null;
    int number = 0;
    for (var entry : attempts.entrySet()) {
      Run run = entry.getValue();
      if (before != null && before.end != null && before.end > run.start) {
        overlaps.add(before.end - run.start);
        verdict.check(
            Invariant.ONE_EXECUTION,
            job.lost.contains(number),
            id
                + ": attempt "
                + entry.getKey()
                + " started while "
                + number
                + " ran, which was not lost");
      }
      before = run;
      number = entry.getKey();
    }
  }

  /// What succeeded has run.
  private void ended(Commits.Job job) {
    if (job.end != null && job.end.startsWith("succeeded")) {
      Run last = runs.getOrDefault(job.id, new TreeMap<>()).get(job.endedWith);
      verdict.check(
          Invariant.ONE_EXECUTION,
          (last != null && last.start != Long.MAX_VALUE)
              || inGaps.contains(new Commits.Execution(job.id, job.endedWith)),
          job.id + " succeeded with attempt " + job.endedWith + ", which never started");
    }
  }
}
