package dev.reseolio.checker;

import dev.reseolio.checker.Event.Accepted;

/// Judges a history, offline: sets are compared, leases are replayed in the order of the commits.
public final class Checker {
  private Checker() {}

  public static Report check(History history, Gates gates) {
    var verdict = new Verdict();
    var commits = Commits.replay(history.events(), verdict);
    new Calls(verdict, history.rules(), commits.jobs()).check(history.events());
    var executions = new Executions(verdict, commits.jobs());
    executions.check(history.events());
    return new Report(
        verdict,
        history.events().stream().filter(Accepted.class::isInstance).count(),
        Takeovers.of(history.events(), commits.takeovers()),
        Takeovers.recoveries(history.events()),
        executions.overlaps(),
        gates.invalid(history.events()));
  }
}
