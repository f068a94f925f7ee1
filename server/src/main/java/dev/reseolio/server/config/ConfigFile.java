package dev.reseolio.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/// The optional `reseolio.properties`: keys as in `Option.key()`, UTF-8.
final class ConfigFile {
  static final String DEFAULT = "reseolio.properties";

  private ConfigFile() {}

  /// Reads `chosen`, which must exist, else `reseolio.properties` in `directory` when it exists.
  static Map<Option, Setting> settings(Optional<String> chosen, Path directory) {
    var file = directory.resolve(chosen.orElse(DEFAULT));
    return chosen.isPresent() || Files.exists(file) ? read(file) : Map.of();
  }

  private static Map<Option, Setting> read(Path file) {
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "The configuration file '%s' cannot be read (%s). It must be a UTF-8 file of 'key = value' lines."
              .formatted(file, e.getClass().getSimpleName()));
    }
    var settings = new EnumMap<Option, Setting>(Option.class);
    for (var key : properties.stringPropertyNames()) {
      var option = find(key, file);
      settings.put(option, new Setting(option, properties.getProperty(key), file.toString()));
    }
    return settings;
  }

  private static Option find(String key, Path file) {
    return Option.byKey(key)
        .orElseThrow(() ->
            new ConfigException(
                "Unknown key '%s' in '%s'.%s".formatted(key, file, suggestion(key))));
  }

  private static String suggestion(String key) {
    return Suggestion.forWord(key, Stream.of(Option.values()).map(Option::key).toList());
  }
}
