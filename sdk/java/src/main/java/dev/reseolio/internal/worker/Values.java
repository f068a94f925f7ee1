package dev.reseolio.internal.worker;

import dev.reseolio.NonRetryableException;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.proto.v1.Payload;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What handlers and steps are given and return, as payloads. Whatever fails here would fail in
/// every attempt, so none of it is retried.
final class Values {
  private final Payloads payloads;
  private volatile long maxBytes = Long.MAX_VALUE;

  Values(Payloads payloads) {
    this.payloads = payloads;
  }

  /// The server's largest payload. 0: it has not said.
  void limit(long bytes) {
    maxBytes = bytes > 0 ? bytes : Long.MAX_VALUE;
  }

  @Nullable Object[] arguments(Payload payload, List<Type> types) {
    try {
      return payloads.decodeArguments(payload, types);
    } catch (ReseolioException e) {
      throw new PayloadMismatch(String.valueOf(e.getMessage()), e);
    }
  }

  /// @param what names the value in an error
  Payload encode(String what, @Nullable Object value) {
    Payload payload;
    try {
      payload = payloads.encode(value);
    } catch (ReseolioException e) {
      throw new PayloadMismatch(what + " cannot be encoded: " + e.getMessage(), e);
    }
    int bytes = payload.getData().size();
    if (bytes > maxBytes) {
      throw new PayloadTooLarge(
          what
              + " has "
              + bytes
              + " bytes, but the limit is "
              + maxBytes
              + "; return less, or raise the limit of the server");
    }
    return payload;
  }

  /// @param what names the value in an error
  @Nullable Object decode(String what, Payload payload, Type type) {
    try {
      return payloads.decode(payload, type);
    } catch (ReseolioException e) {
      throw new PayloadMismatch(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /// A value and the type or the codec do not fit each other.
  static final class PayloadMismatch extends NonRetryableException {
    private static final long serialVersionUID = 1;

    PayloadMismatch(String message, ReseolioException cause) {
      super(message, cause);
    }
  }

  static final class PayloadTooLarge extends NonRetryableException {
    private static final long serialVersionUID = 1;

    PayloadTooLarge(String message) {
      super(message);
    }
  }
}
