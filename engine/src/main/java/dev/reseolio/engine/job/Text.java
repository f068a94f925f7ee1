package dev.reseolio.engine.job;

/// Checks on names and keys, and cuts on error texts.
public final class Text {
  /// Longest name, key or tag, in Unicode characters.
  public static final int MAX_NAME = 255;

  private Text() {}

  /// Returns `value` when it has 1 to 255 characters and no control characters; fails otherwise.
  public static String name(String field, String value) {
    int length = value.codePointCount(0, value.length());
    if (length < 1 || length > MAX_NAME) {
      throw EngineException.invalid(
          field,
          "%s must have 1 to %d characters, but has %d; shorten it or give one"
              .formatted(field, MAX_NAME, length));
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c) || (Character.isSurrogate(c) && !pairAt(value, i))) {
        throw EngineException.invalid(
            field,
            "%s must not contain control characters or broken surrogates, but has U+%04X at index %d; remove it"
                .formatted(field, (int) c, i));
      }
    }
    return value;
  }

  private static boolean pairAt(String s, int i) {
    return Character.isHighSurrogate(s.charAt(i))
        ? i + 1 < s.length() && Character.isLowSurrogate(s.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(s.charAt(i - 1));
  }

  /// At most `max` characters of a text, without NUL, which PostgreSQL cannot store.
  public static String clip(String text, int max) {
    String clean = text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    if (clean.length() <= max) {
      return clean;
    }
    int end = max - 1;
    boolean half = end > 0 && Character.isHighSurrogate(clean.charAt(end - 1));
    return clean.substring(0, half ? end - 1 : end) + "…";
  }
}
