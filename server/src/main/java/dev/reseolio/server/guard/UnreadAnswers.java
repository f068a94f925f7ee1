package dev.reseolio.server.guard;

/// How many bytes of answers wait for their clients to read them, or for their work to be done: on
/// this sidecar ([#MOST_BYTES]), and on each connection (half of that). A connection that has read
/// all others may have one answer of any size while there is room for the others at all.
final class UnreadAnswers {
  static final long MOST_BYTES = 8 << 20;
  static final long MOST_BYTES_OF_ONE = MOST_BYTES / 2;

  /// So much each connection may have, however little the others read.
  static final long SMALL_BYTES = 4 << 10;

  private long all;

  /// For a new connection.
  OfConnection connection() {
    return new OfConnection();
  }

  /// The part of one connection.
  final class OfConnection {
    private long mine;

    /// False: nothing more should be done for this connection before it has read.
    boolean hasRoom() {
      synchronized (UnreadAnswers.this) {
        return fits(0);
      }
    }

    /// False: there is no room, and nothing was added.
    boolean tryAdd(long bytes) {
      synchronized (UnreadAnswers.this) {
        return add(bytes, fits(bytes) || (mine == 0 && all < MOST_BYTES));
      }
    }

    /// As [#tryAdd], but one answer of any size gets in while there is room for the least.
    boolean tryAddLast(long bytes) {
      synchronized (UnreadAnswers.this) {
        return add(bytes, fits(bytes) || (mine <= MOST_BYTES_OF_ONE && all < MOST_BYTES));
      }
    }

    private boolean add(long bytes, boolean room) {
      if (room) {
        add(bytes);
      }
      return room;
    }

    void add(long bytes) {
      synchronized (UnreadAnswers.this) {
        mine += bytes;
        all += bytes;
      }
    }

    /// They were read, or the call is over.
    void remove(long bytes) {
      add(-bytes);
    }

    private boolean fits(long bytes) {
      return mine + bytes <= SMALL_BYTES
          || (mine + bytes <= MOST_BYTES_OF_ONE && all + bytes <= MOST_BYTES);
    }
  }
}
