package dev.reseolio.checker;

import java.util.Locale;

/// What must hold in every run, whatever faults there were. The numbers are those of the
/// reliability design.
public enum Invariant {
  /// I1: what was accepted exists, and has ended when everything had the time to.
  NO_LOSS,
  /// I2: no job exists that nobody asked for, or that was refused.
  NO_PHANTOM,
  /// I3: one end per job, never changed, and the same to everybody who asks.
  ONE_END,
  /// I4: after every commit a job is in one place at most, and no end is without its job.
  ONE_PLACE,
  /// I5: a job is leased to nobody while a valid lease of it exists.
  ONE_LEASE,
  /// I5: nothing a node writes after it was fenced is committed.
  NO_STALE_WRITE,
  /// I6: an execution runs once, none starts after the job has ended, and an earlier one runs
  /// beside it only if it was lost.
  ONE_EXECUTION,
  /// I7: a step is recorded once, everybody who is given its value is given that, and after an
  /// execution was given it no later one starts the step's body.
  ONE_VALUE_PER_STEP,
  /// I10: one job per key, named by everybody who used the key.
  ONE_JOB_PER_KEY,
  /// I11: a job of the application's transaction exists exactly when its row does.
  SAME_TRANSACTION,
  /// I15: at the end nothing waits and nothing is leased.
  NOTHING_STUCK,
  /// I16: no job was lost with its worker or node more often than the crash budget allows; one that
  /// ends every worker that runs it is dead after exactly that, and no other one is.
  BUDGET;

  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
