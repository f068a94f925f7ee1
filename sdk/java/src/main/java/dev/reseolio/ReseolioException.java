package dev.reseolio;

import org.jspecify.annotations.Nullable;

/// Something Reseolio could not do. [#code()] is stable and may be branched on; the message says
/// what was expected, what came, and what to do.
public class ReseolioException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;

  public ReseolioException(String code, String message) {
    this(code, message, null);
  }

  public ReseolioException(String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /// The stable reason: one of the server's (`invalid_argument`, `payload_too_large`,
  /// `job_not_found`, `storage_unavailable`, `outcome_unknown`, `overloaded`, `shutting_down`,
  /// `internal`, …) or of the SDK's (`not_connected`, `job_failed`, `job_cancelled`,
  /// `result_timeout`, `sidecar_failed`, `interrupted`, `nested_step`, `codec_failed`).
  public final String code() {
    return code;
  }
}
