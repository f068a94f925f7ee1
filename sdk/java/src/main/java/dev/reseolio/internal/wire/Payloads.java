package dev.reseolio.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.reseolio.Codec;
import dev.reseolio.proto.v1.Payload;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Values to payloads and back, through the application's codec.
public final class Payloads {
  private static final String JSON = "application/json";
  private static final byte[] JSON_NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private final Codec codec;
  private final boolean isJson;

  public Payloads(Codec codec) {
    this.codec = codec;
    this.isJson = codec.contentType().equals(JSON);
  }

  /// Wraps the codec's array without copying it; it belongs to the message from here on.
  public Payload encode(@Nullable Object value) {
    ByteString data = UnsafeByteOperations.unsafeWrap(codec.encode(value));
    Payload.Builder payload = Payload.newBuilder().setData(data);
    return isJson ? payload.build() : payload.setContentType(codec.contentType()).build();
  }

  public @Nullable Object decode(Payload payload, Type type) {
    if (type == Void.class || type == void.class) {
      return null;
    }
    byte[] data = payload.getData().toByteArray();
    return codec.decode(data.length == 0 && isJson ? JSON_NULL : data, type);
  }

  public @Nullable Object[] decodeArguments(Payload payload, List<Type> types) {
    if (types.isEmpty()) {
      return new @Nullable Object[0];
    }
    byte[] data = payload.getData().toByteArray();
    return data.length == 0
        ? new @Nullable Object[types.size()]
        : codec.decodeArguments(data, types);
  }
}
