package dev.reseolio.survival.chaos;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What a run is asked to do.
///
/// @param seconds of faults; what comes before and after takes its own time
/// @param seed of the schedule
/// @param sidecars each with a worker, Java and TypeScript in turn
/// @param rate calls a second
/// @param standby with a synchronous standby, and failovers
/// @param disk megabytes of a file system of its own for the databases, which may get full; 0: none.
///     Needs the right to mount
/// @param deadAfter of the sidecars; null: their default
/// @param faults only these kinds; empty: all that this machine can do
/// @param folder for the history and the logs
record Settings(
    long seconds,
    long seed,
    int sidecars,
    int rate,
    boolean standby,
    int disk,
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
        standby    true or false (default true)
        disk       megabytes of a disk that gets full; needs root, and standby=false (default 0: none)
        deadafter  --dead-after of the sidecars (default: theirs, 15s)
        faults     only these kinds, separated by commas (default: all)
      """;

  static Settings parse(String[] args, Path folder) {
    Map<String, String> values = new TreeMap<>();
    for (String arg : args) {
      int at = arg.indexOf('=');
      if (at < 0) {
        throw new IllegalArgumentException("expected name=value, but came: " + arg + "\n" + USAGE);
      }
      if (at < arg.length() - 1) {
        values.put(arg.substring(0, at).toLowerCase(Locale.ROOT), arg.substring(at + 1));
      }
    }
    long seed =
        Long.parseLong(
            values.getOrDefault("seed", Long.toString(System.currentTimeMillis() % 1_000_000)));
    String faults = values.getOrDefault("faults", "");
    var settings =
        new Settings(
            Long.parseLong(values.getOrDefault("duration", "120")),
            seed,
            Integer.parseInt(values.getOrDefault("sidecars", "3")),
            Integer.parseInt(values.getOrDefault("rate", "250")),
            Boolean.parseBoolean(values.getOrDefault("standby", "true")),
            Integer.parseInt(values.getOrDefault("disk", "0")),
            values.getOrDefault("deadafter", "15s"),
            faults.isEmpty() ? List.of() : List.of(faults.split(",")),
            folder.resolve("seed-" + seed));
    values
        .keySet()
        .removeAll(
            List.of("duration", "seed", "sidecars", "rate", "standby", "disk", "deadafter", "faults"));
    if (!values.isEmpty()) {
      throw new IllegalArgumentException("unknown: " + values.keySet() + "\n" + USAGE);
    }
    return settings;
  }

  /// The command that runs the same again.
  String replay() {
    String more = faults.isEmpty() ? "" : " faults=" + String.join(",", faults);
    return "make chaos DURATION=%d SEED=%d ARGS=\"sidecars=%d rate=%d standby=%s disk=%d deadafter=%s%s\""
        .formatted(seconds, seed, sidecars, rate, standby, disk, deadAfter, more);
  }
}
