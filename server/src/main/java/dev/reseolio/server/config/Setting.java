package dev.reseolio.server.config;

import org.jspecify.annotations.Nullable;

/// One option's value as text, and where it came from: `--schema`, `RESEOLIO_SCHEMA`,
/// `reseolio.properties` or `default`.
///
/// @param text as it was written; may hold a secret, `shown()` does not
public record Setting(Option option, String text, String origin) {
  static final String DEFAULT = "default";

  /// The text without secrets; `(embedded)` and the like when nothing was said.
  public String shown() {
    return option == Option.STORAGE ? StorageUrl.mask(text) : text;
  }

  /// The typed value.
  ///
  /// @throws ConfigException when the text is not what the option expects
  Object value() {
    try {
      return option.kind().parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(complaint(e.getMessage()));
    }
  }

  private String complaint(@Nullable String reason) {
    var why = reason == null ? "" : " (" + reason + ")";
    return "%s must be %s, but %s says '%s'%s."
        .formatted(option.key(), option.kind().expected(), origin, shown(), why);
  }

  @Override
  public String toString() {
    return "%s = %s (%s)".formatted(option.key(), shown(), origin);
  }
}
