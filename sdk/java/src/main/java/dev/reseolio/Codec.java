package dev.reseolio;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns arguments and results into bytes and back. The default is [JacksonCodec]; another one must
/// be shared by every process that calls or runs the function. Implementations are safe for use by
/// many threads.
public interface Codec {
  /// MIME type of the bytes, e.g. `application/json`.
  String contentType();

  /// A value, possibly null, as bytes. An `Object[]` is an argument list: in JSON, an array of the
  /// arguments.
  byte[] encode(@Nullable Object value);

  /// The reverse of [#encode] for one value.
  @Nullable Object decode(byte[] data, Type type);

  /// The reverse of [#encode] for an argument list: exactly one value per type; what is missing is
  /// null, what is more is left out.
  @Nullable Object[] decodeArguments(byte[] data, List<Type> types);
}
