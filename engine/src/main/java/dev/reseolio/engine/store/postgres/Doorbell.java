package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.Nodes.Ring;
import java.sql.PreparedStatement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Doorbells as NOTIFY: one channel a schema, payloads `r 3,4` (lanes with work), `d <id>,<id>`
/// (finished jobs), `c` (cancellations). Sent in transactions of their own that do not wait for the
/// disk: inside a job's transaction NOTIFY would turn group commit off.
final class Doorbell {
  private static final String NOTIFY =
      """
      WITH lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
      SELECT pg_notify(?, ?) FROM lazily\
      """;

  /// A payload holds less than 8000 bytes; a UUID takes 37.
  private static final int MAX_IDS = 200;

  /// The number of a lane takes at most 11.
  private static final int MAX_LANES = 700;

  private Doorbell() {}

  static String channel(String schema) {
    String name = "reseolio:" + schema;
    return name.substring(0, Math.min(name.length(), 63));
  }

  static void send(Connections connections, String channel, Ring ring) {
    for (String payload : encode(ring)) {
      connections.with(sql -> {
        try (PreparedStatement notify = sql.prepareStatement(NOTIFY)) {
          notify.setString(1, channel);
          notify.setString(2, payload);
          return notify.execute();
        }
      });
    }
  }

  static List<String> encode(Ring ring) {
    return switch (ring) {
      case Ring.Ready r -> payloads("r ", r.laneIds(), MAX_LANES);
      case Ring.Done d -> payloads("d ", d.jobs(), MAX_IDS);
      case Ring.CancelRequested() -> List.of("c");
      case Ring.Anywhere() -> List.of("a");
    };
  }

  private static List<String> payloads(String kind, List<?> items, int most) {
    return IntStream.range(0, (items.size() + most - 1) / most)
        .mapToObj(i -> items.subList(i * most, Math.min(items.size(), (i + 1) * most)))
        .map(some -> kind + some.stream().map(Object::toString).collect(Collectors.joining(",")))
        .toList();
  }

  /// Empty for what a newer or foreign sender wrote.
  static Optional<Ring> decode(String payload) {
    try {
      return switch (payload.isEmpty() ? ' ' : payload.charAt(0)) {
        case 'r' -> Optional.of(new Ring.Ready(parts(payload).map(Integer::valueOf).toList()));
        case 'd' -> Optional.of(new Ring.Done(parts(payload).map(UUID::fromString).toList()));
        case 'c' -> Optional.of(new Ring.CancelRequested());
        case 'a' -> Optional.of(new Ring.Anywhere());
        default -> Optional.empty();
      };
    } catch (RuntimeException malformed) {
      return Optional.empty();
    }
  }

  private static Stream<String> parts(String payload) {
    return Arrays.stream(payload.substring(2).split(","));
  }
}
