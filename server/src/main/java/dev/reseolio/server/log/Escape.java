package dev.reseolio.server.log;

/// Makes any text safe inside one line.
public final class Escape {
  private static final String HEX = "0123456789abcdef";

  private Escape() {}

  /// A JSON string, quotes included. Control characters, also those beyond ASCII and the line and
  /// paragraph separators, are escaped, so nothing in `text` can end the line or steer a terminal.
  public static String json(String text) {
    var out = new StringBuilder(text.length() + 2).append('"');
    append(out, text, true);
    return out.append('"').toString();
  }

  /// The text itself with control characters escaped.
  static String plain(String text) {
    return append(new StringBuilder(text.length()), text, false).toString();
  }

  private static StringBuilder append(StringBuilder out, String text, boolean quoted) {
    for (int i = 0; i < text.length(); i++) {
      append(out, text.charAt(i), quoted);
    }
    return out;
  }

  private static void append(StringBuilder out, char c, boolean quoted) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '"', '\\' -> (quoted ? out.append('\\') : out).append(c);
      default -> {
        if (isUnsafe(c)) {
          unicode(out, c);
        } else {
          out.append(c);
        }
      }
    }
  }

  /// Controls, line ends, and the marks that turn the direction of writing or hide text.
  private static boolean isUnsafe(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          !Character.isSurrogate(c);
      default -> false;
    };
  }

  private static void unicode(StringBuilder out, char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xF));
    }
  }
}
