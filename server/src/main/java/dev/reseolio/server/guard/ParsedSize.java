package dev.reseolio.server.guard;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/// What a message will take up beside its data (`bytes`) once it is parsed, estimated from the wire
/// without building any of it: two bytes there may become an object of a hundred. Unknown fields
/// cost nothing, they are not kept.
final class ParsedSize {
  static final int MOST_BYTES = 16 << 20;

  private static final int OBJECT_BYTES = 40;
  private static final int BYTES_PER_FIELD = 4;

  /// Of a string or of data, with the array in it.
  private static final int TEXT_BYTES = 48;

  /// One character on the wire may take two.
  private static final int BYTES_PER_CHARACTER = 2;

  private static final int NUMBER_BYTES = 8;

  private long bytes;

  private ParsedSize() {}

  /// False: it is more than [#MOST_BYTES].
  ///
  /// @throws InvalidProtocolBufferException when this is no message of the type
  static boolean isAllowed(byte[] message, Descriptor type) throws IOException {
    var size = new ParsedSize();
    size.addAll(CodedInputStream.newInstance(message), type);
    return size.allowed();
  }

  private boolean allowed() {
    return bytes <= MOST_BYTES;
  }

  /// The fields up to the limit of `in`. Types that contain themselves are not foreseen: the
  /// contract has none.
  private void addAll(CodedInputStream in, Descriptor type) throws IOException {
    int tag;
    while (allowed() && (tag = in.readTag()) != 0) {
      var field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (field != null && delimited) {
        addDelimited(in, field);
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group ends that has not begun");
      } else if (field != null) {
        bytes += NUMBER_BYTES;
      }
    }
  }

  private void addDelimited(CodedInputStream in, FieldDescriptor field) throws IOException {
    int length = in.readRawVarint32();
    switch (field.getJavaType()) {
      case MESSAGE -> {
        int outer = in.pushLimit(length);
        bytes += OBJECT_BYTES + BYTES_PER_FIELD * field.getMessageType().getFields().size();
        addAll(in, field.getMessageType());
        if (allowed()) {
          in.popLimit(outer);
        }
        return;
      }
      case STRING -> bytes += TEXT_BYTES + (long) BYTES_PER_CHARACTER * length;
      case BYTE_STRING -> bytes += TEXT_BYTES;
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM ->
          bytes += (long) NUMBER_BYTES * length; // packed
    }
    in.skipRawBytes(length);
  }
}
