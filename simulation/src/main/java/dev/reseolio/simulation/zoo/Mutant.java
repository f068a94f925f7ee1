package dev.reseolio.simulation.zoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One source with one text replaced by a wrong one.
///
/// @param name of its file
/// @param source path in the repository
/// @param judge `simulation`, or the class of engine tests that has to notice
record Mutant(String name, String source, String judge, String from, String to) {
  static final String SIMULATION = "simulation";
  private static final Pattern FORM =
      Pattern.compile(
          "source: (\\S+)\njudge: (\\S+)\n--- from\n(.*)\n--- to\n(.*?)\n?", Pattern.DOTALL);

  static List<Mutant> readAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.toString().endsWith(".mutant"))
          .sorted()
          .map(Mutant::read)
          .toList();
    }
  }

  private static Mutant read(Path file) {
    try {
      Matcher form = FORM.matcher(Files.readString(file));
      if (!form.matches()) {
        throw new IllegalArgumentException(file + " has not the form of a mutant: " + FORM);
      }
      String name = file.getFileName().toString().replace(".mutant", "");
      return new Mutant(name, form.group(1), form.group(2), form.group(3), form.group(4));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// The mutated source.
  ///
  /// @throws IllegalArgumentException when the text is not there exactly once
  String apply(String original) {
    int first = original.indexOf(from);
    if (first < 0 || original.indexOf(from, first + 1) >= 0) {
      throw new IllegalArgumentException(
          "mutant %s: expected its text exactly once in %s, but it is there %s; adapt the mutant to the source"
              .formatted(name, source, first < 0 ? "not at all" : "more than once"));
    }
    return original.replace(from, to);
  }

  boolean simulated() {
    return judge.equals(SIMULATION);
  }
}
