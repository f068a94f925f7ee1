package dev.reseolio.server.guard;

import dev.reseolio.server.traffic.Connection;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// How many bytes wait for their clients to read them, or for the work to be done that they answer:
/// on this sidecar ([#MOST_BYTES]), and on each connection (half of that). A connection that has
/// read all others may have one answer of any size while there is room for the others at all.
final class Unread {
  static final long MOST_BYTES = 8 << 20;
  static final long MOST_BYTES_OF_ONE = MOST_BYTES / 2;

  /// So much each connection may have, however little the others read.
  static final long SMALL_BYTES = 4 << 10;

  /// How long others wait for who does not read.
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Set<OfConnection> connections = ConcurrentHashMap.newKeySet();

  /// What has not passed the windows of the clients.
  private long held;

  /// For a new connection.
  OfConnection connection(Connection connection) {
    var part = new OfConnection(connection);
    connections.add(part);
    return part;
  }

  private long all() {
    long all = held;
    for (OfConnection part : connections) {
      all += part.used ? part.connection.unwritten().bytes() : 0;
    }
    return all;
  }

  /// The one that has taken nothing for longest, if that is too long.
  private Optional<OfConnection> stalled() {
    long now = System.nanoTime();
    return connections.stream()
        .filter(part -> part.used && part.mine() > SMALL_BYTES)
        .max(Comparator.comparingLong(part -> now - part.movedAt()))
        .filter(part -> now - part.movedAt() > PATIENCE.toNanos());
  }

  /// The part of one connection.
  final class OfConnection {
    private final Connection connection;

    /// What has not passed its windows.
    private long held;

    private long movedAt = System.nanoTime();

    /// Something of this kind was told to it.
    private boolean used;

    private OfConnection(Connection connection) {
      this.connection = connection;
    }

    /// It is over.
    void close() {
      connections.remove(this);
    }

    private long movedAt() {
      return Math.max(movedAt, connection.unwritten().movedAt());
    }

    private long mine() {
      return held + connection.unwritten().bytes();
    }

    /// False: nothing more should be done for this connection before it has read.
    boolean hasRoom() {
      synchronized (Unread.this) {
        return fits(0);
      }
    }

    /// False: nothing more should be pushed to it. While there is no room for all, who has read
    /// everything is still pushed to, and who has not taken anything for [#PATIENCE] is closed.
    boolean hasRoomToPush() {
      Optional<OfConnection> stalled;
      synchronized (Unread.this) {
        long all = all();
        if (all < MOST_BYTES) {
          return mine() <= MOST_BYTES_OF_ONE;
        }
        if (mine() <= SMALL_BYTES && all < 2 * MOST_BYTES) {
          return true;
        }
        stalled = stalled();
      }
      stalled.ifPresent(part ->
          part.connection.close(
              "slow_worker",
              "others wait for room, and its workers have not read what was pushed to them for %d s"
                  .formatted(PATIENCE.toSeconds())));
      return false;
    }

    /// False: the socket has not taken what the client asked for, so that nothing more should be
    /// sent before [#onceWritten].
    boolean keepsUp(long bytes) {
      return connection.unwritten().bytes() <= bytes;
    }

    void onceWritten(Runnable then) {
      connection.unwritten().onceWritten(then);
    }

    /// False: there is no room, and nothing was added.
    boolean tryAdd(long bytes) {
      synchronized (Unread.this) {
        return add(bytes, fits(bytes) || (mine() == 0 && all() < MOST_BYTES));
      }
    }

    /// As [#tryAdd], but one answer of any size gets in while there is room for the least.
    boolean tryAddLast(long bytes) {
      synchronized (Unread.this) {
        return add(bytes, fits(bytes) || (mine() <= MOST_BYTES_OF_ONE && all() < MOST_BYTES));
      }
    }

    private boolean add(long bytes, boolean room) {
      if (room) {
        add(bytes);
      }
      return room;
    }

    void add(long bytes) {
      synchronized (Unread.this) {
        if (mine() == 0) {
          movedAt = System.nanoTime();
        }
        used = true;
        connection.unwritten().told(bytes);
        held += bytes;
        Unread.this.held += bytes;
      }
    }

    /// They have passed the client's window, or the call is over.
    void remove(long bytes) {
      synchronized (Unread.this) {
        movedAt = System.nanoTime();
        held -= bytes;
        Unread.this.held -= bytes;
        connection.unwritten().passed(bytes);
      }
    }

    private boolean fits(long bytes) {
      long mine = mine();
      return mine + bytes <= SMALL_BYTES
          || (mine + bytes <= MOST_BYTES_OF_ONE && all() + bytes <= MOST_BYTES);
    }
  }
}
