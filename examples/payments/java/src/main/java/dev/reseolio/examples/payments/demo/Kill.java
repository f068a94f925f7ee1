package dev.reseolio.examples.payments.demo;

import java.time.Instant;

/// A kill -9.
///
/// @param name of the process
/// @param at just before the signal
/// @param busy payments that were being charged by it, or through it, a moment before
record Kill(What what, String name, Instant at, int busy) {

  enum What {
    WORKER(4),
    SIDECAR(5);

    private final int lostAs;

    What(int lostAs) {
      this.lostAs = lostAs;
    }

    /// The outcome the engine writes down for executions that ended this way.
    int lostAs() {
      return lostAs;
    }
  }

  static Kill now(What what, Child child, int busy) {
    Kill kill = new Kill(what, child.name(), Instant.now(), busy);
    child.kill();
    return kill;
  }
}
