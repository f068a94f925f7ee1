package dev.reseolio.engine.job;

import java.util.Locale;

/// Stable codes of expected failures. Clients branch on them; docs/protocol.md lists them.
public enum Reason {
  INVALID_ARGUMENT,
  UNAUTHENTICATED,
  PERMISSION_DENIED,
  PAYLOAD_TOO_LARGE,
  JOB_NOT_FOUND,
  LEASE_LOST,
  OVERLOADED,
  STORAGE_UNAVAILABLE,
  OUTCOME_UNKNOWN,
  SHUTTING_DOWN,
  INTERNAL;

  /// The code as it goes over the wire, e.g. `job_not_found`.
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
