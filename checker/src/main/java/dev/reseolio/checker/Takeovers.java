package dev.reseolio.checker;

import dev.reseolio.checker.Event.Injected;
import dev.reseolio.checker.Event.Recovered;
import dev.reseolio.checker.Event.Started;
import dev.reseolio.checker.Event.Victim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How long it took from a fault until the jobs of its victim ran elsewhere: I14.
public final class Takeovers {

  /// From the fault, in nanoseconds.
  ///
  /// @param fence to the commit that fenced the node
  /// @param restart to the first new start of a job it had held; -1 when none had started
  public record Time(long fence, long restart) {}

  private Takeovers() {}

  /// By the kind of fault.
  static Map<String, List<Time>> of(List<Event> events, Map<Integer, Commits.Takeover> fenced) {
    Map<String, Injected> faults = new HashMap<>();
    Map<Commits.Execution, Long> starts = new HashMap<>();
    for (Event event : events) {
      switch (event) {
        case Injected fault -> faults.put(fault.fault(), fault);
        case Started start ->
            starts.put(new Commits.Execution(start.job(), start.attempt()), start.at());
        default -> {}
      }
    }
    Map<String, List<Time>> times = new TreeMap<>();
    for (Event event : events) {
      if (event instanceof Victim victim) {
        Injected fault = faults.get(victim.fault());
        Commits.Takeover takeover = fenced.get(victim.node());
        if (fault != null && takeover != null && takeover.at() > fault.at()) {
          times
              .computeIfAbsent(fault.kind(), k -> new ArrayList<>())
              .add(time(fault, takeover, starts));
        }
      }
    }
    return times;
  }

  /// How long it took until work went on after something was back, in nanoseconds by kind of fault.
  static Map<String, List<Long>> recoveries(List<Event> events) {
    Map<String, String> kinds = new HashMap<>();
    Map<String, List<Long>> times = new TreeMap<>();
    for (Event event : events) {
      if (event instanceof Injected fault) {
        kinds.put(fault.fault(), fault.kind());
      }
    }
    for (Event event : events) {
      if (event instanceof Recovered again) {
        times
            .computeIfAbsent(kinds.getOrDefault(again.fault(), "?"), k -> new ArrayList<>())
            .add(again.nanos());
      }
    }
    return times;
  }

  private static Time time(
      Injected fault, Commits.Takeover takeover, Map<Commits.Execution, Long> starts) {
    long first =
        takeover.lost().stream()
            .map(lost -> starts.get(new Commits.Execution(lost.job(), lost.attempt() + 1)))
            .filter(at -> at != null)
            .mapToLong(Long::longValue)
            .min()
            .orElse(-1);
    return new Time(takeover.at() - fault.at(), first < 0 ? -1 : first - fault.at());
  }
}
