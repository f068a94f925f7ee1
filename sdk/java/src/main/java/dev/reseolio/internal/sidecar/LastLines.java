package dev.reseolio.internal.sidecar;

import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;

/// The last 50 lines a sidecar logged, for the message when it fails.
final class LastLines {
  private static final int KEPT = 50;

  private final ArrayDeque<String> lines = new ArrayDeque<>();

  synchronized void add(String line) {
    if (lines.size() == KEPT) {
      lines.removeFirst();
    }
    lines.addLast(line);
  }

  /// The last line that looks like an error, else the last line.
  synchronized Optional<String> lastError() {
    var newestFirst = lines.descendingIterator();
    while (newestFirst.hasNext()) {
      String line = newestFirst.next();
      if (isError(line)) {
        return Optional.of(line);
      }
    }
    return Optional.ofNullable(lines.peekLast());
  }

  static boolean isError(String line) {
    String lower = line.toLowerCase(Locale.ROOT);
    return lower.contains("error") || lower.contains("fatal") || lower.contains("exception");
  }
}
