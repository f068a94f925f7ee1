package dev.reseolio.checker;

import dev.reseolio.checker.Event.Accepted;
import dev.reseolio.checker.Event.Ended;
import dev.reseolio.checker.Event.Injected;
import dev.reseolio.checker.Event.Landed;
import dev.reseolio.checker.Event.Started;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the faults that prove nothing: they did not happen, or hit a system that was not at work.
///
/// @param window nanoseconds before a fault that are looked at
/// @param accepted calls accepted in the window, at least
/// @param running executions under way in the second half of the window, at least
public record Gates(long window, int accepted, int running) {

  /// For histories without faults of their own, such as simulated ones.
  public static final Gates NONE = new Gates(0, 0, 0);

  private record Execution(String job, int attempt) {}

  /// What there was of work, to be asked for any moment.
  private static final class Work {
    final List<Long> accepted = new ArrayList<>();
    final Map<Execution, Long> starts = new HashMap<>();
    final Map<Execution, Long> ends = new HashMap<>();

    Work(List<Event> events) {
      for (Event event : events) {
        switch (event) {
          case Accepted ok -> accepted.add(ok.at());
          case Started start -> starts.put(new Execution(start.job(), start.attempt()), start.at());
          case Ended end -> ends.put(new Execution(end.job(), end.attempt()), end.at());
          default -> {}
        }
      }
    }

    long acceptedBetween(long from, long to) {
      return accepted.stream().filter(at -> at - from >= 0 && at - to < 0).count();
    }

    /// An execution without an end was killed: it counts when it had just begun.
    long runningBetween(long from, long to) {
      return starts.entrySet().stream()
          .filter(run ->
              run.getValue() - to < 0
                  && ends.getOrDefault(run.getKey(), run.getValue()) - from >= 0)
          .count();
    }
  }

  List<String> invalid(List<Event> events) {
    var work = new Work(events);
    Set<String> landed = new HashSet<>();
    for (Event event : events) {
      if (event instanceof Landed seen) {
        landed.add(seen.fault());
      }
    }
    List<String> invalid = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Injected fault) {
        String why =
            landed.contains(fault.fault()) ? weak(work, fault.at()) : "it was not seen to happen";
        if (!why.isEmpty()) {
          invalid.add(fault.kind() + " " + fault.fault() + ": " + why);
        }
      }
    }
    return invalid;
  }

  private String weak(Work work, long at) {
    long calls = work.acceptedBetween(at - window, at);
    if (calls < accepted) {
      return "only " + calls + " calls were accepted before it, not " + accepted;
    }
    long runs = work.runningBetween(at - window / 2, at);
    return runs < running ? "only " + runs + " executions were under way, not " + running : "";
  }
}
