package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.CancelReason;

/// Why a handler is to stop.
enum Stop {
  /// Somebody cancelled the job.
  CANCELLED,
  /// The attempt's time is up.
  TIMEOUT,
  /// The job's total time is over.
  DEADLINE,
  /// The attempt is no longer ours; nothing it reports is written.
  LOST,
  /// This process shuts down and will not wait any longer.
  CLOSING;

  static Stop of(CancelReason reason) {
    return switch (reason) {
      case CANCEL_REASON_TIMEOUT -> TIMEOUT;
      case CANCEL_REASON_DEADLINE -> DEADLINE;
      case CANCEL_REASON_REQUESTED, CANCEL_REASON_UNSPECIFIED, UNRECOGNIZED -> CANCELLED;
    };
  }
}
