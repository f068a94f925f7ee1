package dev.reseolio.checker;

import dev.reseolio.checker.Event.Accepted;
import dev.reseolio.checker.Event.Answered;
import dev.reseolio.checker.Event.Business;
import dev.reseolio.checker.Event.Invoked;
import dev.reseolio.checker.Event.Refused;
import dev.reseolio.checker.Event.Started;
import dev.reseolio.checker.Event.Way;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares what callers were told with what the database holds: I1, I2, I3, I10, I11, I15.
final class Calls {
  private final Verdict verdict;
  private final History.Rules rules;
  private final Gaps gaps;
  private final Map<String, Commits.Job> jobs;
  private final Map<String, Invoked> invoked = new HashMap<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> business = new HashSet<>();
  private final Set<String> ranInGaps = new HashSet<>();
  private long lost;

  Calls(Verdict verdict, History.Rules rules, Gaps gaps, Map<String, Commits.Job> jobs) {
    this.verdict = verdict;
    this.gaps = gaps;
    this.rules = rules;
    this.jobs = jobs;
  }

  /// Accepted jobs that a failover lost because the copy had not seen them.
  long lost() {
    return lost;
  }

  void check(List<Event> events) {
    Map<String, Set<String>> byKey = new HashMap<>();
    for (Event event : events) {
      switch (event) {
        case Invoked call -> invoked.put(call.call(), call);
        case Refused call -> refused.add(call.call());
        case Business row -> business.add(row.call());
        case Started start when gaps.hold(start) -> ranInGaps.add(start.job());
        default -> {}
      }
    }
    for (Event event : events) {
      switch (event) {
        case Accepted call -> accepted(call, byKey);
        case Answered answer -> answered(answer);
        default -> {}
      }
    }
    jobs.values().forEach(job -> created(job, byKey));
    booked(
        jobs.values().stream().map(j -> Objects.toString(j.call, "")).collect(Collectors.toSet()));
    byKey.forEach((key, ids) ->
        verdict.check(Invariant.ONE_JOB_PER_KEY, ids.size() == 1, "key " + key + ": " + ids));
  }

  private void accepted(Accepted call, Map<String, Set<String>> byKey) {
    Commits.Job job = jobs.get(call.job());
    boolean there = job != null && job.call != null;
    if (there || !mayBeLost(call)) {
      verdict.check(Invariant.NO_LOSS, there, "accepted and not there: " + call);
      note(call.call(), call.job(), byKey);
    } else {
      lost++;
    }
  }

  /// Told in a gap; or asked for in one and run in it, so committed by then, and told later: calls
  /// that came in one message are answered together, when the last of them is committed.
  private boolean mayBeLost(Accepted call) {
    Invoked asked = invoked.get(call.call());
    boolean ranInOne = asked != null && gaps.hold(asked) && ranInGaps.contains(call.job());
    return ranInOne || gaps.hold(call);
  }

  private void note(String call, String job, Map<String, Set<String>> byKey) {
    Invoked asked = invoked.get(call);
    if (asked != null && !asked.key().isEmpty()) {
      byKey.computeIfAbsent(asked.key(), k -> new HashSet<>()).add(job);
    }
  }

  private void answered(Answered answer) {
    Commits.Job job = jobs.get(answer.job());
    if (!gaps.hold(answer)) {
      verdict.check(
          Invariant.ONE_END,
          job != null && Objects.equals(job.end, answer.end()),
          answer + ", but the job ended with " + (job == null ? "nothing" : job.end));
    }
  }

  private void created(Commits.Job job, Map<String, Set<String>> byKey) {
    String call = job.call;
    if (call == null) {
      return;
    }
    Invoked asked = invoked.get(call);
    verdict.check(Invariant.NO_PHANTOM, asked != null, job.id + " of a call nobody made: " + call);
    verdict.check(
        Invariant.NO_PHANTOM, !refused.contains(call), job.id + " of the refused call " + call);
    note(call, job.id, byKey);
    if (asked != null && asked.way() == Way.SQL) {
      verdict.check(
          Invariant.SAME_TRANSACTION,
          business.contains(call),
          job.id + " without the row of " + call);
    }
    if (rules.ended()) {
      verdict.check(
          Invariant.NO_LOSS,
          job.end != null,
          job.id + " never ended; it is in " + job.places + ", lease " + job.lease);
      verdict.check(
          Invariant.NOTHING_STUCK,
          job.lease == null && (job.places.isEmpty() || job.end != null),
          job.id + " is still in " + job.places + ", lease " + job.lease);
    }
  }

  private void booked(Set<String> calls) {
    for (String call : business) {
      verdict.check(
          Invariant.SAME_TRANSACTION,
          calls.contains(call),
          "a row of the application without its job: " + call);
    }
  }
}
