package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Databases.Standby;
import dev.reseolio.survival.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What a run is asked to do.
///
/// @param seconds of faults, and until each that was asked for by name had its turn; what comes
///   before and after takes its own time
/// @param seed of the schedule
/// @param sidecars each with a worker, Java and TypeScript in turn
/// @param rate calls a second
/// @param standby with a standby, and failovers
/// @param disk megabytes of a file system of its own for the databases, which may get full; 0:
///   none. Needs the right to mount
/// @param cable one sidecar has a network of its own now and then, and its cable is pulled. Needs a
///   [Network] of this run's own
/// @param deadAfter of the sidecars; null: their default
/// @param faults only these kinds; empty: all that this machine can do
/// @param folder for the history and the logs
record Settings(
    long seconds,
    long seed,
    int sidecars,
    int rate,
    Standby standby,
    int disk,
    boolean cable,
    String deadAfter,
    List<String> faults,
    Path folder) {
  static final String USAGE =
      """
      make chaos DURATION=<seconds> SEED=<number> [ARGS="<name>=<value> …"]
        duration   seconds of faults, 60 or more wanted (default 120)
        seed       of the schedule (default: a new one)
        sidecars   1 to 9 (default 3)
        rate       calls a second (default 250)
        standby    sync or none (default sync)
        disk       megabytes of a disk that gets full; needs root, and standby=none (default 0: none)
        cable      pulled or none; pulled needs root, unshare and ip (default: pulled where it can be)
        deadafter  --dead-after of the sidecars (default: theirs, 15s)
        faults     only these kinds, separated by commas, each at least once (default: all)
      """;

  /// @throws IllegalArgumentException what was expected, what came, and the usage
  static Settings parse(String[] args, Path folder) {
    Map<String, String> values = new TreeMap<>();
    for (String arg : args) {
      int at = arg.indexOf('=');
      if (at < 0) {
        throw wrong("expected name=value, but came: " + arg);
      }
      if (at < arg.length() - 1) {
        values.put(arg.substring(0, at).toLowerCase(Locale.ROOT), arg.substring(at + 1));
      }
    }
    long fresh = System.currentTimeMillis() % 1_000_000;
    long seed = number(values, "seed", fresh, Long.MIN_VALUE, Long.MAX_VALUE);
    var settings =
        new Settings(
            number(values, "duration", 120, 0, 1_000_000),
            seed,
            (int) number(values, "sidecars", 3, 1, 9),
            (int) number(values, "rate", 250, 1, 10_000),
            standby(take(values, "standby", "sync")),
            (int) number(values, "disk", 0, 0, 1_000_000),
            cable(take(values, "cable", Network.possible() ? "pulled" : "none")),
            deadAfter(take(values, "deadafter", "15s")),
            faults(take(values, "faults", "")),
            folder.resolve("seed-" + seed));
    if (!values.isEmpty()) {
      throw wrong("expected only names from the list below, but came: " + values.keySet());
    }
    if (settings.disk > 0 && settings.standby != Standby.NONE) {
      throw wrong("expected standby=none with disk=, but came: standby=" + settings.standbyWord());
    }
    return settings;
  }

  static IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(what + "\n" + USAGE);
  }

  private static String take(Map<String, String> values, String name, String otherwise) {
    String value = values.remove(name);
    return value == null ? otherwise : value;
  }

  private static long number(
      Map<String, String> values, String name, long otherwise, long least, long most) {
    String word = take(values, name, Long.toString(otherwise));
    try {
      long number = Long.parseLong(word);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As wrong as one that is out of range.
    }
    String range = least == Long.MIN_VALUE ? "a number" : "a number from " + least + " to " + most;
    throw wrong("expected " + name + "=<" + range + ">, but came: " + name + "=" + word);
  }

  private static Standby standby(String word) {
    return switch (word) {
      case "none" -> Standby.NONE;
      case "sync" -> Standby.SYNC;
      default -> throw wrong("expected standby=sync or none, but came: standby=" + word);
    };
  }

  private static boolean cable(String word) {
    if (word.equals("pulled") && !Network.possible()) {
      throw wrong(
          "expected cable=none where the run has no network of its own, which `make chaos` gives it with root, unshare and ip, but came: cable=pulled");
    }
    return switch (word) {
      case "none" -> false;
      case "pulled" -> true;
      default -> throw wrong("expected cable=pulled or none, but came: cable=" + word);
    };
  }

  private static String deadAfter(String word) {
    if (!word.matches("\\d+(ms|s|m)")) {
      throw wrong("expected deadafter=<time>, like 15s, but came: deadafter=" + word);
    }
    return word;
  }

  private static List<String> faults(String words) {
    return words.isEmpty() ? List.of() : List.of(words.split(","));
  }

  private String standbyWord() {
    return standby.name().toLowerCase(Locale.ROOT);
  }

  /// The command that runs the same again.
  String replay() {
    String more = faults.isEmpty() ? "" : " faults=" + String.join(",", faults);
    return "make chaos DURATION=%d SEED=%d ARGS=\"sidecars=%d rate=%d standby=%s disk=%d cable=%s deadafter=%s%s\""
        .formatted(
            seconds,
            seed,
            sidecars,
            rate,
            standbyWord(),
            disk,
            cable ? "pulled" : "none",
            deadAfter,
            more);
  }
}
