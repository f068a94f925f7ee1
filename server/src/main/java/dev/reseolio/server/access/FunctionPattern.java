package dev.reseolio.server.access;

/// Names one function, or with a `*` at the end all that begin alike. Compared with the very text
/// that is dispatched: names are never normalised.
///
/// @param text without spaces and commas, which separate fields of the tokens file
public record FunctionPattern(String text) {
  private static final int LONGEST = 255;

  public FunctionPattern {
    int star = text.indexOf('*');
    boolean one = star < 0 || star == text.length() - 1;
    boolean plain = text.chars().noneMatch(c -> c <= ' ' || c == ',' || Character.isISOControl(c));
    if (text.isEmpty() || text.length() > LONGEST || !one || !plain) {
      throw new IllegalArgumentException(
          "a function pattern must be a name such as billing:invoices:charge, or the beginning of one and a * at its end; it has no spaces and no commas");
    }
  }

  boolean matches(String function) {
    return text.endsWith("*")
        ? function.startsWith(text.substring(0, text.length() - 1))
        : function.equals(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
