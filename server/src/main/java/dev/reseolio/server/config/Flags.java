package dev.reseolio.server.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Command-line flags: `--name value`, `--name=value`, and a bare `--name` for a flag.
final class Flags {
  static final String CONFIG = "--config";

  private final Map<Option, Setting> settings = new EnumMap<>(Option.class);
  private Optional<String> config = Optional.empty();

  static Flags parse(List<String> arguments) {
    var flags = new Flags();
    var rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      flags.take(rest.removeFirst(), rest);
    }
    return flags;
  }

  Map<Option, Setting> settings() {
    return settings;
  }

  /// The value of `--config`.
  Optional<String> config() {
    return config;
  }

  private void take(String word, Deque<String> rest) {
    var equals = word.indexOf('=');
    var name = equals < 0 ? word : word.substring(0, equals);
    var inline = equals < 0 ? Optional.<String>empty() : Optional.of(word.substring(equals + 1));
    if (name.equals(CONFIG)) {
      config = Optional.of(value(name, inline, rest));
      return;
    }
    var option = find(name);
    var text = option.kind() == Kind.FLAG ? inline.orElse("true") : value(name, inline, rest);
    settings.put(option, new Setting(option, text, option.flag()));
  }

  private static Option find(String name) {
    var found = name.startsWith("--") ? Option.byKey(name.substring(2)) : Optional.<Option>empty();
    return found.orElseThrow(() ->
        new ConfigException(
            "Unknown argument '%s'.%s See 'reseolio help server'."
                .formatted(name, Suggestion.forWord(name, known()))));
  }

  private static String value(String name, Optional<String> inline, Deque<String> rest) {
    if (inline.isPresent()) {
      return inline.get();
    }
    var next = rest.peekFirst();
    if (next == null || next.startsWith("--")) {
      throw new ConfigException("%s needs a value: %s <value>.".formatted(name, name));
    }
    return rest.removeFirst();
  }

  private static List<String> known() {
    var names = new ArrayList<>(Stream.of(Option.values()).map(Option::flag).toList());
    names.add(CONFIG);
    return names;
  }
}
