package dev.reseolio.checker;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What a check found: how often each invariant was put to the test, and each time it did not hold.
public final class Verdict {
  private final Map<Invariant, Long> tested = new EnumMap<>(Invariant.class);
  private final Map<Invariant, List<String>> broken = new EnumMap<>(Invariant.class);

  void test(Invariant invariant) {
    tested.merge(invariant, 1L, Long::sum);
  }

  /// @param witness the job, and what was seen of it
  void fail(Invariant invariant, String witness) {
    broken.computeIfAbsent(invariant, i -> new ArrayList<>()).add(witness);
  }

  void check(Invariant invariant, boolean holds, String witness) {
    test(invariant);
    if (!holds) {
      fail(invariant, witness);
    }
  }

  /// How often there was something to look at. An invariant that was never tested proves nothing.
  public long tested(Invariant invariant) {
    return tested.getOrDefault(invariant, 0L);
  }

  /// One text for each time the invariant did not hold.
  public List<String> broken(Invariant invariant) {
    return broken.getOrDefault(invariant, List.of());
  }

  public boolean holds() {
    return broken.isEmpty();
  }

  /// A line for each invariant, and up to five witnesses of each that does not hold.
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (Invariant one : Invariant.values()) {
      List<String> found = broken(one);
      text.append(
          "%-22s %8d looked at, %d broken%n".formatted(one.title(), tested(one), found.size()));
      found.stream().limit(5).forEach(w -> text.append("    ").append(w).append('\n'));
    }
    return text.toString();
  }
}
