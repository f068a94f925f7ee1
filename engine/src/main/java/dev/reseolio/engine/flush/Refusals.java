package dev.reseolio.engine.flush;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;

/// What callers are told whose job is not created, or perhaps not.
final class Refusals {
  private Refusals() {}

  static EngineException shuttingDown() {
    return new EngineException(
        Reason.SHUTTING_DOWN, "the sidecar is shutting down; call another one");
  }

  static EngineException unavailable() {
    return new EngineException(
        Reason.STORAGE_UNAVAILABLE,
        "the database did not commit in time; nothing was created; call again when it is back");
  }

  static EngineException unknown() {
    return new EngineException(
        Reason.OUTCOME_UNKNOWN,
        "the database was lost during the commit, so the job may or may not exist; call again with an idempotency key");
  }

  static EngineException keyExpired() {
    return new EngineException(
        Reason.STORAGE_UNAVAILABLE,
        "the idempotency key expired while the job was being created; call again");
  }

  static EngineException refused() {
    return new EngineException(
        Reason.INTERNAL, "the database refused the job; the sidecar's log says why");
  }
}
