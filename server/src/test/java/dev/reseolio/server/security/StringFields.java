package dev.reseolio.server.security;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/// The string fields of a kind of message, at any depth, and good messages with one of them
/// replaced.
record StringFields(Descriptor root, List<List<FieldDescriptor>> paths) {

  static StringFields of(Descriptor root) {
    var paths = new ArrayList<List<FieldDescriptor>>();
    walk(root, List.of(), paths);
    return new StringFields(root, List.copyOf(paths));
  }

  private static void walk(
      Descriptor type, List<FieldDescriptor> above, List<List<FieldDescriptor>> paths) {
    for (FieldDescriptor field : type.getFields()) {
      var path = new ArrayList<>(above);
      path.add(field);
      if (field.getType() == FieldDescriptor.Type.STRING) {
        paths.add(List.copyOf(path));
      } else if (field.getType() == FieldDescriptor.Type.MESSAGE) {
        walk(field.getMessageType(), path, paths);
      }
    }
  }

  static String name(List<FieldDescriptor> path) {
    return String.join(".", path.stream().map(FieldDescriptor::getName).toList());
  }

  /// The message with `text` in that field; what lies on the way is made where it is missing.
  static Message with(Message good, List<FieldDescriptor> path, String text) {
    var field = path.getFirst();
    Message.Builder changed = good.toBuilder();
    if (path.size() == 1) {
      set(changed, field, text);
      return changed.build();
    }
    var rest = path.subList(1, path.size());
    Message below =
        field.isRepeated()
            ? (good.getRepeatedFieldCount(field) > 0
                ? (Message) good.getRepeatedField(field, 0)
                : DynamicMessage.getDefaultInstance(field.getMessageType()))
            : (Message) good.getField(field);
    set(changed, field, with(below, rest, text));
    return changed.build();
  }

  private static void set(Message.Builder message, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      message.clearField(field).addRepeatedField(field, value);
    } else {
      message.setField(field, value);
    }
  }
}
