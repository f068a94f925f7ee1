package dev.reseolio.server.config;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Text to value; null for text that is not understood.
final class Parse {
  private static final Pattern NAME = Pattern.compile("(?!pg_)[a-z_][a-z0-9_]{0,62}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(KiB|MiB|B)");
  private static final Pattern HOST = Pattern.compile("[a-z0-9._-]{1,253}");
  private static final int MOST = 1000;
  private static final int MOST_CONNECTIONS = 100_000;
  private static final long SMALLEST_PAYLOAD = 1L << 10;
  private static final long LARGEST_PAYLOAD = 12L << 20;

  private Parse() {}

  static @Nullable String name(String text) {
    return NAME.matcher(text).matches() ? text : null;
  }

  static @Nullable Duration duration(String text) {
    var match = DURATION.matcher(text);
    if (!match.matches()) {
      return null;
    }
    var amount = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /// Bytes. The upper limit leaves room below the 16 MiB of one gRPC message.
  static @Nullable Integer payloadSize(String text) {
    var match = SIZE.matcher(text);
    if (!match.matches()) {
      return null;
    }
    var amount = Long.parseLong(match.group(1));
    var bytes =
        switch (match.group(2)) {
          case "KiB" -> amount << 10;
          case "MiB" -> amount << 20;
          default -> amount;
        };
    return bytes < SMALLEST_PAYLOAD || bytes > LARGEST_PAYLOAD ? null : Math.toIntExact(bytes);
  }

  static @Nullable Integer count(String text) {
    return upTo(MOST, text);
  }

  static @Nullable Integer connections(String text) {
    return upTo(MOST_CONNECTIONS, text);
  }

  private static @Nullable Integer upTo(int most, String text) {
    if (!text.matches("\\d{1,6}")) {
      return null;
    }
    var count = Integer.parseInt(text);
    return count < 1 || count > most ? null : count;
  }

  /// Names as they come in the Host header, in lower case.
  static @Nullable Hosts hosts(String text) {
    var names = Set.of(text.toLowerCase(Locale.ROOT).strip().split("\\s*,\\s*"));
    return names.stream().allMatch(HOST.asMatchPredicate()) ? new Hosts(names) : null;
  }

  static @Nullable Level level(String text) {
    return Arrays.stream(Level.values())
        .filter(level -> level != Level.ALL && level != Level.OFF)
        .filter(level -> level.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElse(null);
  }

  static @Nullable LogFormat format(String text) {
    return switch (text) {
      case "json" -> LogFormat.JSON;
      case "text" -> LogFormat.TEXT;
      default -> null;
    };
  }

  static @Nullable Boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }
}
