package dev.reseolio.server.guard;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of answers to single calls wait for their clients to read them: on this sidecar
/// ([#MOST_BYTES]), and on each connection (half of that).
final class UnreadAnswers {
  static final long MOST_BYTES = 8 << 20;
  static final long MOST_BYTES_OF_ONE = MOST_BYTES / 2;

  /// An answer no larger than this goes to a connection that has read all others, however little
  /// the others read.
  static final long SMALL_BYTES = 4 << 10;

  private final AtomicLong all = new AtomicLong();

  /// For a new connection.
  OfConnection connection() {
    return new OfConnection();
  }

  /// The part of one connection.
  final class OfConnection {
    private final AtomicLong mine = new AtomicLong();

    /// False: nothing more should be done for this connection before it has read.
    boolean hasRoom() {
      return mine.get() == 0 || fits(mine.get(), all.get());
    }

    /// False: there is no room, and nothing was added.
    boolean tryAdd(long bytes) {
      long before = mine.getAndAdd(bytes);
      long allBefore = all.getAndAdd(bytes);
      if (fits(before + bytes, allBefore + bytes)
          || (before == 0 && (allBefore == 0 || bytes <= SMALL_BYTES))) {
        return true;
      }
      remove(bytes);
      return false;
    }

    void add(long bytes) {
      mine.addAndGet(bytes);
      all.addAndGet(bytes);
    }

    /// They were read, or the call is over.
    void remove(long bytes) {
      mine.addAndGet(-bytes);
      all.addAndGet(-bytes);
    }

    private static boolean fits(long mine, long all) {
      return mine <= MOST_BYTES_OF_ONE && all <= MOST_BYTES;
    }
  }
}
