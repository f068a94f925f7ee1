package dev.reseolio.simulation.world;

import dev.reseolio.checker.Event;
import dev.reseolio.checker.Line;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The history of a run.
final class Log {
  private final List<Event> events = new ArrayList<>();

  void add(Event event) {
    events.add(event);
  }

  void addAll(List<Event> some) {
    events.addAll(some);
  }

  List<Event> events() {
    return events;
  }

  int size() {
    return events.size();
  }

  /// What a failover took back: the commits after that place never were.
  void forgetCommitsSince(int place) {
    List<Event> tail = events.subList(place, events.size());
    tail.removeIf(e -> e instanceof Event.Row || e instanceof Event.Fenced);
  }

  /// What two runs of the same seed must have in common.
  String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Event event : events) {
        digest.update((Line.of(event) + '\n').getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
