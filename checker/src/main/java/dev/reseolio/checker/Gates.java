package dev.reseolio.checker;

import dev.reseolio.checker.Event.Accepted;
import dev.reseolio.checker.Event.Ended;
import dev.reseolio.checker.Event.Injected;
import dev.reseolio.checker.Event.Landed;
import dev.reseolio.checker.Event.Started;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds the faults that prove nothing: they did not happen, or hit a system that was not at work.
///
/// @param window nanoseconds before a fault that are looked at
/// @param accepted calls accepted in it, at least
/// @param running executions under way at the fault, at least
public record Gates(long window, int accepted, int running) {

  /// For histories without faults of their own, such as simulated ones.
  public static final Gates NONE = new Gates(0, 0, 0);

  List<String> invalid(List<Event> events) {
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
            landed.contains(fault.fault()) ? weak(events, fault.at()) : "it was not seen to happen";
        if (!why.isEmpty()) {
          invalid.add(fault.kind() + " " + fault.fault() + ": " + why);
        }
      }
    }
    return invalid;
  }

  private String weak(List<Event> events, long at) {
    int calls = 0;
    int runs = 0;
    for (Event event : events) {
      long age = at - event.at();
      switch (event) {
        case Accepted ok -> calls += age > 0 && age <= window ? 1 : 0;
        case Started start -> runs += age > 0 ? 1 : 0;
        case Ended end -> runs -= age > 0 ? 1 : 0;
        default -> {}
      }
    }
    if (calls < accepted) {
      return "only " + calls + " calls were accepted before it, not " + accepted;
    }
    return runs < running ? "only " + runs + " executions were under way, not " + running : "";
  }
}
