package dev.reseolio.server;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// The sidecar could not start. `reason` is stable and meant for programs (`address_in_use`,
/// `address_unusable`, `insecure_bind`, `tokens_unusable`, `tls_unusable`, `storage_unavailable`,
/// `engine_failed`); the message says what was expected, what came and what to do, without secrets.
public final class StartException extends Exception {
  public static final String ADDRESS_IN_USE = "address_in_use";
  public static final String ADDRESS_UNUSABLE = "address_unusable";
  public static final String INSECURE_BIND = "insecure_bind";
  public static final String TOKENS_UNUSABLE = "tokens_unusable";
  public static final String TLS_UNUSABLE = "tls_unusable";
  public static final String STORAGE_UNAVAILABLE = "storage_unavailable";
  public static final String ENGINE_FAILED = "engine_failed";

  @Serial private static final long serialVersionUID = 1L;
  private final String reason;

  public StartException(String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
