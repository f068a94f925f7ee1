package dev.reseolio.server.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Guesses what a mistyped word was meant to be.
public final class Suggestion {
  private static final int CLOSE = 3;

  private Suggestion() {}

  /// ` Did you mean 'x'?`, or nothing when no known word is close.
  public static String forWord(String word, Collection<String> known) {
    return nearest(word, known).map(" Did you mean '%s'?"::formatted).orElse("");
  }

  /// The closest known word within three edits (fewer for short words).
  static Optional<String> nearest(String word, Collection<String> known) {
    var limit = Math.min(CLOSE, Math.max(1, word.length() / 2));
    return known.stream()
        .filter(candidate -> distance(word, candidate) <= limit)
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /// Insertions, deletions and replacements between two words (Levenshtein).
  static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      var diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        var replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
