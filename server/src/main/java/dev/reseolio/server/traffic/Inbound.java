package dev.reseolio.server.traffic;

import java.io.Closeable;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Requests that are inside: on their way in, or waiting to be taken by what serves them. While
/// they have more than [#MOST_BYTES], connections with a large part in them take turns: one is read
/// until next to nothing of it is inside, and the kernel holds the others back. Small requests
/// always pass. Who does not send what it has begun, while others wait, is closed when its turn has
/// lasted [#TURN].
///
/// One connection alone may have [#MOST_BESIDE_BYTES] inside beside its largest request. Beyond
/// that the calls whose requests have not come whole are refused, and the connection is closed soon
/// after.
public final class Inbound {
  static final long MOST_BYTES = 8 << 20;
  static final long MOST_BESIDE_BYTES = 12 << 20;

  /// The largest message, and what its frames take up beside it.
  static final long MOST_REQUEST_BYTES = 18 << 20;

  /// So much each connection may have inside whoever's turn it is.
  static final long SMALL_BYTES = 64 << 10;

  static final Duration TURN = Duration.ofSeconds(2);

  private final LongSupplier nanoTime;

  /// With more than [#SMALL_BYTES], in the order in which they got there.
  private final Set<Connection> large = new LinkedHashSet<>();

  private volatile long all;

  private long turnSince;

  public Inbound() {
    this(System::nanoTime);
  }

  Inbound(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// @param socket closed when its turn takes too long
  public Connection connection(Closeable socket) {
    return new Connection(this, socket);
  }

  /// A frame of it came, with so many bytes of data.
  ///
  /// @return false: the call is over
  synchronized boolean arrived(InboundCall call, int data) {
    if (!call.over) {
      call.dealing = data;
      call.untaken.add(data);
      add(call, UntakenFrames.takesUp(data));
    }
    return !call.over;
  }

  /// The frame that came was dealt with.
  synchronized void dealt(InboundCall call) {
    call.dealing = 0;
  }

  /// Data came for a call that is over.
  synchronized void lost(Connection connection, int data) {
    connection.lose(data);
  }

  /// A message of so many bytes has come whole.
  synchronized void whole(InboundCall call, long message) {
    call.untaken.whole(message);
    call.asked--;
  }

  /// What serves it asks for more messages.
  synchronized void asked(InboundCall call, int messages) {
    call.asked += messages;
  }

  /// The messages that have come whole, and are parsed by now, are being taken.
  ///
  /// @return their size, which counts from now on in place of their frames
  synchronized long take(InboundCall call) {
    long messages = call.untaken.whole();
    add(call, messages - call.untaken.take());
    return messages;
  }

  /// They were taken, or refused.
  synchronized void taken(InboundCall call, long bytes) {
    add(call, -bytes);
  }

  /// The call is over. What serves it may still be taking something. A frame that is just being
  /// dealt with may come too late for it.
  synchronized void over(InboundCall call) {
    call.over = true;
    call.connection.lose(call.dealing);
    call.dealing = 0;
    add(call, -call.untaken.clear());
  }

  private synchronized void add(InboundCall call, long bytes) {
    var connection = call.connection;
    var before = turn();
    connection.add(call, bytes);
    all += bytes;
    if (connection.bytes() > SMALL_BYTES) {
      large.add(connection);
    } else {
      large.remove(connection);
    }
    changed(before);
  }

  /// Null: everybody may be read.
  private @Nullable Connection turn() {
    return all > MOST_BYTES && !large.isEmpty() ? large.iterator().next() : null;
  }

  private void changed(@Nullable Connection before) {
    if (turn() != before) {
      turnSince = nanoTime.getAsLong();
    }
    notifyAll();
  }

  /// Returns when the connection may be read on.
  void awaitTurn(Connection connection) throws InterruptedException {
    if (all <= MOST_BYTES) {
      return;
    }
    connection.refuseBeyond();
    synchronized (this) {
      while (held(connection)) {
        long left = TURN.toNanos() - (nanoTime.getAsLong() - turnSince);
        if (left > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        } else {
          overdue();
        }
      }
    }
  }

  private boolean held(Connection connection) {
    var turn = turn();
    boolean waits = turn != null && turn != connection && connection.bytes() > SMALL_BYTES;
    return !connection.isClosed() && (waits || connection.besideLargest() > MOST_BESIDE_BYTES);
  }

  private void overdue() {
    turnSince = nanoTime.getAsLong();
    var connection = turn();
    if (connection != null && connection.isArriving()) {
      connection.close(
          "slow_request",
          "others wait for their turn to send large requests, and its own did not come within %d s"
              .formatted(TURN.toSeconds()));
    }
  }

  /// Nothing of it is read any more.
  synchronized void closed(Connection connection) {
    var before = turn();
    large.remove(connection);
    changed(before);
  }
}
