package dev.reseolio.checker;

import dev.reseolio.checker.Event.Accepted;

/// Judges a history, offline: sets are compared, leases are replayed in the order of the commits.
public final class Checker {
  private Checker() {}

  public static Report check(History history, Gates gates) {
    var verdict = new Verdict();
    var gaps = Gaps.of(history.events());
    var commits = Commits.replay(history.events(), verdict);
    var calls = new Calls(verdict, history.rules(), gaps, commits.jobs());
    calls.check(history.events());
    new Budgets(verdict, history.rules().crashBudget(), commits.jobs()).check(history.events());
    var executions = new Executions(verdict, gaps, commits.jobs());
    executions.check(history.events());
    new Steps(verdict, gaps, commits.jobs()).check(history.events());
    return new Report(
        verdict,
        history.events().stream().filter(Accepted.class::isInstance).count(),
        calls.lost(),
        Takeovers.of(history.events(), commits.takeovers()),
        Takeovers.recoveries(history.events()),
        executions.overlaps(),
        gates.invalid(history.events()));
  }
}
