package dev.reseolio.server.config;

import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What an option's value looks like, and how its text is read. A parser answers null for text it
/// does not understand, or throws `IllegalArgumentException` with a reason.
public enum Kind {
  STORAGE_URL("<url>", "postgres://user:password@host:5432/database", StorageUrl::parse),
  IDENTIFIER("<name>", "1 to 63 of a-z, 0-9 and _, not beginning with a digit or pg_", Parse::name),
  PATH("<path>", "a file", Path::of),
  HOSTS("<names>", "host names without ports, separated by commas", Parse::hosts),
  FOLDER("<path>", "a folder", Path::of),
  LISTEN("<address>", "host:port, [v6]:port or unix:/path", Address::parse),
  LISTEN_OR_OFF("<address|off>", "host:port, [v6]:port, or off", Address::tcp),
  SIZE("<size>", "a size from 1KiB to 12MiB, such as 512KiB or 4MiB", Parse::payloadSize),
  DURATION("<duration>", "a duration such as 500ms, 5s, 2m, 1h or 7d", Parse::duration),
  DURATION_OR_OFF("<duration|off>", "a duration such as 30s, or off", Parse::duration),
  COUNT("<number>", "a whole number from 1 to 1000", Parse::count),
  CONNECTIONS("<number>", "a whole number from 1 to 100000", Parse::connections),
  LEVEL("<level>", "trace, debug, info, warning or error", Parse::level),
  FORMAT("<format>", "json or text", Parse::format),
  FLAG("", "true or false", Parse::flag);

  private final String placeholder;
  private final String expected;

  /// All of them are stateless method references.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Function<String, ? extends @Nullable Object> parser;

  Kind(String placeholder, String expected, Function<String, ? extends @Nullable Object> parser) {
    this.placeholder = placeholder;
    this.expected = expected;
    this.parser = parser;
  }

  /// What stands for the value in the help text; empty for a flag.
  public String placeholder() {
    return placeholder;
  }

  /// What a good value looks like, in words.
  public String expected() {
    return expected;
  }

  /// The value of `text`.
  ///
  /// @throws IllegalArgumentException when `text` is not what was expected
  Object parse(String text) {
    var value = parser.apply(text.strip());
    if (value == null) {
      throw new IllegalArgumentException();
    }
    return value;
  }
}
