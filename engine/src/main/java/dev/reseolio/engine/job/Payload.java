package dev.reseolio.engine.job;

import org.jspecify.annotations.Nullable;

/// Opaque user data, stored and returned as it came. The array is not copied: whoever hands it over
/// stops writing.
///
/// @param type MIME type; null means application/json
@SuppressWarnings("ArrayRecordComponent") // Identity is enough: payloads are never compared.
public record Payload(byte[] data, @Nullable String type) {
  public static final Payload EMPTY = new Payload(new byte[0], null);

  /// True when there is neither data nor a type.
  public boolean isNothing() {
    return data.length == 0 && type == null;
  }

  public int size() {
    return data.length;
  }
}
