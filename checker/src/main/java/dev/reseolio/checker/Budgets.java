package dev.reseolio.checker;

import dev.reseolio.checker.Event.Poisoned;
import dev.reseolio.checker.Event.Started;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Compares how often jobs were lost with their worker or node with what they may survive: I16.
final class Budgets {
  private static final String EXCEEDED = "dead:CrashBudgetExceeded";

  private final Verdict verdict;
  private final int budget;
  private final Map<String, Commits.Job> jobs;
  private final Set<String> poisoned = new HashSet<>();
  private final Map<String, Set<Integer>> starts = new HashMap<>();

  Budgets(Verdict verdict, int budget, Map<String, Commits.Job> jobs) {
    this.verdict = verdict;
    this.budget = budget;
    this.jobs = jobs;
  }

  void check(List<Event> events) {
    for (Event event : events) {
      switch (event) {
        case Poisoned call -> poisoned.add(call.call());
        case Started run ->
            starts.computeIfAbsent(run.job(), j -> new HashSet<>()).add(run.attempt());
        default -> {}
      }
    }
    jobs.values().stream().filter(job -> job.call != null).forEach(this::judge);
  }

  private void judge(Commits.Job job) {
    check(job.losses <= budget, job, "and the budget is " + budget);
    if (!poisoned.contains(Objects.toString(job.call, ""))) {
      check(!EXCEEDED.equals(job.end), job, "it ended as " + job.end + " for what others did");
    } else if (job.end != null) {
      check(EXCEEDED.equals(job.end), job, "it ended as " + job.end + ", not " + EXCEEDED);
      check(job.lost.size() == budget, job, "that is not the whole budget, and yet it ended");
      Set<Integer> charged = new HashSet<>(job.lost);
      charged.add(job.endedWith);
      Set<Integer> ran = starts.getOrDefault(job.id, Set.of());
      check(charged.containsAll(ran), job, "it ran as " + ran + ", and each run ended a worker");
    }
  }

  private void check(boolean holds, Commits.Job job, String why) {
    verdict.check(
        Invariant.BUDGET,
        holds,
        job.id + " was lost " + job.losses + " times " + job.lost + ": " + why);
  }
}
