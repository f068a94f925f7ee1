package dev.reseolio.checker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Everything that is known of one run.
///
/// @param events in no particular order, but for [Event.Row] and [Event.Fenced], which are in the
///   order of their commits among themselves
/// @param rules what the checker cannot know by itself
public record History(List<Event> events, Rules rules) {

  /// @param crashBudget lost workers and nodes a job survives
  /// @param ended everything was given the time to end
  /// @param lossBefore jobs accepted later than this may be lost: the copy that was promoted never
  ///   saw them; `Long.MAX_VALUE` when nothing may be
  public record Rules(int crashBudget, boolean ended, long lossBefore) {
    public static final Rules STRICT = new Rules(5, true, Long.MAX_VALUE);
  }

  /// Reads all files `*.history` of a folder. The last line of a file may be torn: its process was
  /// killed while it wrote.
  public static History read(Path folder, Rules rules) throws IOException {
    List<Event> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".history")).sorted().toList()) {
        read(file, events);
      }
    }
    return new History(events, rules);
  }

  private static void read(Path file, List<Event> events) throws IOException {
    String all = Files.readString(file);
    int whole = all.lastIndexOf('\n') + 1;
    all.substring(0, whole).lines().map(Line::parse).forEach(events::add);
  }
}
