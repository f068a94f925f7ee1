package dev.reseolio.checker;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;

/// An event as a line of text: its name and its fields in their order, separated by tabs.
public final class Line {
  private static final Map<String, Class<?>> KINDS =
      Arrays.stream(Event.class.getPermittedSubclasses())
          .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

  /// Looked up once: what reads a field is made anew with each look.
  private static final ClassValue<RecordComponent[]> FIELDS =
      new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> kind) {
          return kind.getRecordComponents();
        }
      };

  private Line() {}

  public static String of(Event event) {
    var line = new StringJoiner("\t").add(event.getClass().getSimpleName());
    for (RecordComponent field : FIELDS.get(event.getClass())) {
      line.add(text(event, field));
    }
    return line.toString();
  }

  private static String text(Event event, RecordComponent field) {
    try {
      String text = String.valueOf(field.getAccessor().invoke(event));
      if (text.indexOf('\t') >= 0 || text.indexOf('\n') >= 0) {
        throw new IllegalArgumentException(
            "a tab or a line break in " + field.getName() + " of " + event);
      }
      return text;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @throws IllegalArgumentException for a line that is no event
  public static Event parse(String line) {
    String[] words = line.split("\t", -1);
    Class<?> kind = KINDS.get(words[0]);
    RecordComponent[] fields = kind == null ? new RecordComponent[0] : FIELDS.get(kind);
    if (kind == null || fields.length != words.length - 1) {
      throw new IllegalArgumentException("expected an event of a history, but came: " + line);
    }
    Object[] values = new Object[fields.length];
    for (int i = 0; i < fields.length; i++) {
      values[i] = value(fields[i].getType(), words[i + 1]);
    }
    try {
      var types = Arrays.stream(fields).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (Event) kind.getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(Class<?> type, String word) {
    if (type == long.class) {
      return Long.parseLong(word);
    }
    if (type == int.class) {
      return Integer.parseInt(word);
    }
    return type.isEnum() ? constant(type, word) : word;
  }

  private static Object constant(Class<?> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(c -> c.toString().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no " + type.getSimpleName() + ": " + word));
  }
}
