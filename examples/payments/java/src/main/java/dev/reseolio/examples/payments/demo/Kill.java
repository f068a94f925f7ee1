package dev.reseolio.examples.payments.demo;

import java.time.Instant;

/// A kill -9.
///
/// @param name of the process
/// @param at just before the signal
record Kill(What what, String name, Instant at) {

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

  static Kill now(What what, Child child) {
    Kill kill = new Kill(what, child.name(), Instant.now());
    child.kill();
    return kill;
  }
}
