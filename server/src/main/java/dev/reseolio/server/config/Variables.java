package dev.reseolio.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// `RESEOLIO_*` environment variables. `RESEOLIO_STORAGE_FILE` names a file that holds the URL.
final class Variables {
  static final String PREFIX = "RESEOLIO_";
  static final String CONFIG = PREFIX + "CONFIG";
  private static final String STORAGE_FILE = PREFIX + "STORAGE_FILE";

  /// Read by the launcher or by clients, not by the server.
  private static final Set<String> OTHERS =
      Set.of(
          PREFIX + "JAVA_OPTS",
          PREFIX + "BIN",
          PREFIX + "ADDRESS",
          PREFIX + "TOKEN",
          PREFIX + "TEST_STORAGE");

  private Variables() {}

  static Map<Option, Setting> settings(Map<String, String> environment) {
    var settings = new EnumMap<Option, Setting>(Option.class);
    for (var option : Option.values()) {
      var text = environment.getOrDefault(option.variable(), "");
      if (!text.isEmpty()) {
        settings.put(option, new Setting(option, text, option.variable()));
      }
    }
    var file = environment.getOrDefault(STORAGE_FILE, "");
    if (!file.isEmpty()) {
      settings.put(Option.STORAGE, fromFile(file, settings.containsKey(Option.STORAGE)));
    }
    return settings;
  }

  private static Setting fromFile(String file, boolean twice) {
    if (twice) {
      throw new ConfigException(
          "Both %s and %s are set; set one of them."
              .formatted(Option.STORAGE.variable(), STORAGE_FILE));
    }
    try {
      return new Setting(Option.STORAGE, Files.readString(Path.of(file)).strip(), STORAGE_FILE);
    } catch (IOException e) {
      throw new ConfigException(
          "%s names '%s', which cannot be read (%s). It must be a file holding the storage URL."
              .formatted(STORAGE_FILE, file, e.getClass().getSimpleName()));
    }
  }

  /// One line for each `RESEOLIO_*` variable nobody knows.
  static List<String> warnings(Map<String, String> environment) {
    var known =
        Stream.concat(
                Stream.of(Option.values()).map(Option::variable), Stream.of(CONFIG, STORAGE_FILE))
            .toList();
    return environment.keySet().stream()
        .filter(name -> name.startsWith(PREFIX))
        .filter(name -> !known.contains(name) && !OTHERS.contains(name))
        .sorted()
        .map(name ->
            "Unknown environment variable %s is ignored.%s"
                .formatted(name, Suggestion.forWord(name, known)))
        .toList();
  }
}
