package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob.Target;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The registry of lanes. Rows are only ever added, so what was read once stays true until the
/// database fails over: the copy may never have seen the last ones.
final class Lanes {
  /// Queues of one function, besides `default`. Each is looked into once a second.
  static final int MOST_QUEUES = 1000;

  /// With names of 255 characters about 10 MB.
  private static final int MOST_KNOWN = 5000;

  private static final String FIND =
      """
      SELECT l.id, f.id, f.name, l.queue
      FROM function f JOIN lane l ON l.function = f.id
      WHERE f.name = ? AND l.queue = ?
      """;
  private static final String QUEUES =
      """
      SELECT count(*) FROM lane l JOIN function f ON f.id = l.function WHERE f.name = ?
      """;
  private static final String REGISTER =
      """
      SELECT lane_id FROM lane_of(?, ?)
      """;
  private static final String FIND_BY_ID =
      """
      SELECT l.id, f.id, f.name, l.queue
      FROM lane l JOIN function f ON f.id = l.function
      WHERE l.id = ?
      """;
  private static final String OF_FUNCTION =
      """
      SELECT l.id, f.id, f.name, l.queue
      FROM function f JOIN lane l ON l.function = f.id
      WHERE f.name = ?
      ORDER BY l.id
      """;
  private static final String OF_FUNCTIONS =
      """
      SELECT l.id, f.id, f.name, l.queue
      FROM function f JOIN lane l ON l.function = f.id
      WHERE f.id = ANY(?)
      ORDER BY l.id
      """;
  private static final String IN_QUEUE =
      """
      SELECT l.id, f.id, f.name, l.queue
      FROM lane l JOIN function f ON f.id = l.function
      WHERE l.queue = ?
      ORDER BY l.id
      """;

  private final Connections connections;
  private volatile Known known = new Known(Timeline.UNKNOWN);

  /// What was read on a timeline.
  private static final class Known {
    final int timeline;
    final Cache<Target, Lane> byName = new Cache<>(MOST_KNOWN);
    final Cache<Integer, Lane> byId = new Cache<>(MOST_KNOWN);

    Known(int timeline) {
      this.timeline = timeline;
    }
  }

  Lanes(Connections connections) {
    this.connections = connections;
  }

  private Known known() {
    int current = connections.timeline().current();
    Known latest = known;
    if (latest.timeline != current) {
      latest = new Known(current);
      known = latest;
    }
    return latest;
  }

  Lane named(String function, String queue) {
    Target target = new Target(function, queue);
    Known now = known();
    Lane found = now.byName.get(target);
    return found != null ? found : remember(now, connections.with(c -> findOrRegister(c, target)));
  }

  /// @param known taken before the lane was looked up: an answer of before a failover must not
  ///   count after it
  private static Lane remember(Known known, Lane lane) {
    known.byId.put(lane.id(), lane);
    known.byName.put(new Target(lane.function(), lane.queue()), lane);
    return lane;
  }

  private static Lane findOrRegister(Connection connection, Target target) throws SQLException {
    List<Lane> found = find(connection, target);
    if (found.isEmpty()) {
      checkRoom(connection, target);
      try (PreparedStatement register = connection.prepareStatement(REGISTER)) {
        register.setString(1, target.function());
        register.setString(2, target.queue());
        register.execute();
      }
      found = find(connection, target);
    }
    return found.getFirst();
  }

  /// Several at once may each find the last place free.
  private static void checkRoom(Connection connection, Target target) throws SQLException {
    if (target.queue().equals(Lane.DEFAULT_QUEUE)) {
      return;
    }
    try (PreparedStatement count = connection.prepareStatement(QUEUES)) {
      count.setString(1, target.function());
      try (ResultSet row = count.executeQuery()) {
        row.next();
        if (row.getInt(1) >= MOST_QUEUES) {
          throw EngineException.invalid(
              "queue",
              "%s has %d queues, and a function may have no more; use one of them, or tags to tell jobs apart"
                  .formatted(target.function(), row.getInt(1)));
        }
      }
    }
  }

  private static List<Lane> find(Connection connection, Target target) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, target.function());
      statement.setString(2, target.queue());
      return lanes(statement);
    }
  }

  Lane numbered(int id) {
    Known now = known();
    Lane found = now.byId.get(id);
    return found != null ? found : remember(now, connections.with(c -> find(c, id)));
  }

  /// The same for a caller that has a connection already: taking a second one could starve.
  Lane numbered(Connection connection, int id) throws SQLException {
    Known now = known();
    Lane found = now.byId.get(id);
    return found != null ? found : remember(now, find(connection, id));
  }

  private static Lane find(Connection connection, int id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND_BY_ID)) {
      statement.setInt(1, id);
      return lanes(statement).stream()
          .findFirst()
          .orElseThrow(() -> new StoreException(Kind.REJECTED, "there is no lane " + id, null));
    }
  }

  List<Lane> ofFunction(String function) {
    return lanesBy(OF_FUNCTION, function);
  }

  List<Lane> ofFunctions(Collection<Integer> functionIds) {
    int[] ids = functionIds.stream().mapToInt(Integer::intValue).toArray();
    Known now = known();
    List<Lane> lanes =
        connections.with(connection -> {
          try (PreparedStatement statement = connection.prepareStatement(OF_FUNCTIONS)) {
            new Binder(statement).ints(ids);
            return lanes(statement);
          }
        });
    lanes.forEach(lane -> remember(now, lane));
    return lanes;
  }

  List<Lane> inQueue(String queue) {
    return lanesBy(IN_QUEUE, queue);
  }

  /// Lanes of a function, or in a queue, or both.
  List<Lane> matching(@Nullable String function, @Nullable String queue) {
    if (function == null) {
      return queue == null ? List.of() : inQueue(queue);
    }
    List<Lane> lanes = ofFunction(function);
    return queue == null ? lanes : lanes.stream().filter(l -> l.queue().equals(queue)).toList();
  }

  private List<Lane> lanesBy(String sql, String name) {
    Known now = known();
    List<Lane> lanes =
        connections.with(connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            return lanes(statement);
          }
        });
    lanes.forEach(lane -> remember(now, lane));
    return lanes;
  }

  private static List<Lane> lanes(PreparedStatement statement) throws SQLException {
    List<Lane> lanes = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        lanes.add(new Lane(row.getInt(1), row.getInt(2), row.getString(3), row.getString(4)));
      }
    }
    return lanes;
  }
}
