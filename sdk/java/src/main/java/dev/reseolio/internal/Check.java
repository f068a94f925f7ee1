package dev.reseolio.internal;

import dev.reseolio.ReseolioException;
import java.time.Duration;

/// Checks of what an application gives. Every failure is `invalid_argument` and says what was
/// expected, what came, what to do.
public final class Check {
  public static final Duration ONE_YEAR = Duration.ofDays(365);
  public static final Duration TEN_YEARS = Duration.ofDays(3650);
  private static final int LONGEST_TEXT = 255;

  private Check() {}

  public static ReseolioException invalid(String message) {
    return new ReseolioException("invalid_argument", message);
  }

  public static void range(String name, int value, int min, int max, String advice) {
    if (value < min || value > max) {
      throw invalid(name + " must be " + min + " to " + max + ", but was " + value + "; " + advice);
    }
  }

  public static void range(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw invalid(name + " must be " + min + " to " + max + ", but was " + value);
    }
  }

  public static Duration duration(String name, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw invalid(
          name + " must be " + text(min) + " to " + text(max) + ", but was " + text(value));
    }
    return value;
  }

  public static String text(String name, String value) {
    int length = value.codePointCount(0, value.length());
    if (length < 1 || length > LONGEST_TEXT) {
      throw invalid(name + " must have 1 to " + LONGEST_TEXT + " characters, but has " + length);
    }
    return value;
  }

  /// The name of a function: 1 to 255 characters, no control characters, no half surrogate pairs.
  public static String functionName(String value) {
    return printable("the name of a function", value);
  }

  /// The name of a step: the same, and no `#`, which its key has before the number.
  public static String stepName(String value) {
    printable("the name of a step", value);
    if (value.indexOf('#') >= 0) {
      throw invalid(
          "the name of a step must not contain '#', but \""
              + value
              + "\" does; steps of the same name are numbered by themselves");
    }
    return value;
  }

  private static String printable(String name, String value) {
    text(name, value);
    if (value.codePoints().anyMatch(Check::unprintable)) {
      throw invalid(
          name
              + " must not contain control characters or half a surrogate pair, but \""
              + escaped(value)
              + "\" does");
    }
    return value;
  }

  /// Half a pair cannot be sent: it would arrive as another character.
  private static boolean unprintable(int codePoint) {
    return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
  }

  /// Parts joined by `:`; each non-empty, without `:` and `/`.
  public static String namespace(String... parts) {
    if (parts.length == 0) {
      throw invalid(
          "A namespace needs at least one part, but none came; e.g. namespace(\"billing\", \"invoices\", \"charge\")");
    }
    for (String part : parts) {
      if (part.isEmpty() || part.indexOf(':') >= 0 || part.indexOf('/') >= 0) {
        throw invalid(
            "A part of a namespace must be non-empty and without ':' and '/', but \""
                + part
                + "\" is not; "
                + "give the parts one by one");
      }
    }
    return functionName(String.join(":", parts));
  }

  private static String text(Duration d) {
    if (d.compareTo(Duration.ofDays(1)) >= 0 && d.equals(Duration.ofDays(d.toDays()))) {
      return d.toDays() + " days";
    }
    return d.isNegative() || d.toNanosPart() % 1_000_000 != 0 ? d.toString() : d.toMillis() + " ms";
  }

  private static String escaped(String value) {
    return value
        .codePoints()
        .mapToObj(c -> unprintable(c) ? String.format("\\u%04x", c) : Character.toString(c))
        .reduce("", String::concat);
  }
}
