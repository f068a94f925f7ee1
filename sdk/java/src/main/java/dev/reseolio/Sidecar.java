package dev.reseolio;

import dev.reseolio.internal.Check;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How to start the sidecar when no address is given. Immutable:
/// `Sidecar.defaults().executable(path).shared(true)`.
///
/// @param executablePath null: the environment's RESEOLIO_BIN, then `reseolio` on the PATH
/// @param isShared true: one sidecar per host and storage, whichever application starts it; false:
///   one of our own, gone with us
/// @param startTimeoutOrNull null: 30 s, or 120 s when no storage is given (an embedded PostgreSQL
///   may have to be unpacked)
public record Sidecar(
    @Nullable Path executablePath, boolean isShared, @Nullable Duration startTimeoutOrNull) {
  private static final Sidecar DEFAULTS = new Sidecar(null, false, null);

  public Sidecar {
    if (startTimeoutOrNull != null) {
      Check.duration("startTimeout", startTimeoutOrNull, Duration.ofMillis(1), Check.ONE_YEAR);
    }
  }

  public static Sidecar defaults() {
    return DEFAULTS;
  }

  public Sidecar executable(Path value) {
    return new Sidecar(value, isShared, startTimeoutOrNull);
  }

  public Sidecar shared(boolean value) {
    return new Sidecar(executablePath, value, startTimeoutOrNull);
  }

  public Sidecar startTimeout(Duration value) {
    return new Sidecar(executablePath, isShared, value);
  }

  /// The start timeout in force for this storage.
  public Duration startTimeout(Optional<String> storage) {
    if (startTimeoutOrNull != null) {
      return startTimeoutOrNull;
    }
    return Duration.ofSeconds(storage.isPresent() ? 30 : 120);
  }
}
