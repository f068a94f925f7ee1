package dev.reseolio.server.traffic;

import static dev.reseolio.server.log.Logs.field;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What one connection has inside, and what is on its way out.
public final class Connection {
  private static final System.Logger LOG = System.getLogger(Connection.class.getName());

  /// The type of frames with data, RFC 9113, section 6.1.
  public static final int DATA = 0;

  private static final int WINDOW_UPDATE = 8;

  /// The one that this thread reads.
  private static final ThreadLocal<Connection> READ = new ThreadLocal<>();

  /// What a client may send before it is given back some of it, RFC 9113, section 6.9.2.
  private static final int WINDOW_BYTES = 65_535;

  /// grpc-okhttp does not give back the connection's window for data of calls that are over, and
  /// gives back the rest half a window at a time: when less than that is left, nothing ever comes
  /// again, so the connection is closed.
  private static final int MOST_LOST_BYTES = WINDOW_BYTES / 2;

  private static final Duration TO_READ_REFUSALS = Duration.ofSeconds(1);

  private final Inbound inbound;
  private final Closeable socket;
  private final Unwritten unwritten = new Unwritten(System::nanoTime);
  private final Map<Integer, InboundCall> open = new ConcurrentHashMap<>();

  /// Those with something inside, the oldest first. Guarded by the [Inbound].
  private final Set<InboundCall> calls = new LinkedHashSet<>();

  /// Guarded by the [Inbound].
  private long bytes;

  /// Whose frame was read last. Of the thread that reads.
  private int stream;

  /// Whose frame is being dealt with, if it has data. Of the thread that reads.
  private @Nullable InboundCall dealing;

  /// Data of calls that are over. Guarded by the [Inbound].
  private long lost;

  private volatile boolean closed;

  Connection(Inbound inbound, Closeable socket) {
    this.inbound = inbound;
    this.socket = socket;
  }

  /// The one that this thread has just read from.
  public static Connection read() {
    return Objects.requireNonNull(READ.get());
  }

  /// The call whose headers this thread has just read.
  static InboundCall opened() {
    var connection = read();
    var call = new InboundCall(connection.inbound, connection, connection.stream);
    connection.open.put(connection.stream, call);
    return call;
  }

  /// A frame has come; returns when it may be looked at. Called by the thread that reads.
  ///
  /// @param type RFC 9113, section 6
  /// @param data bytes of its payload, without padding
  public void frame(int type, int stream, int data) throws IOException {
    READ.set(this);
    this.stream = stream;
    try {
      if (type != DATA && type != WINDOW_UPDATE) {
        unwritten.awaitRoomForAnswer();
      }
      inbound.awaitTurn(this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a turn to be read");
    }
    if (type == DATA) {
      data(data);
    }
  }

  private void data(int bytes) {
    var call = open.get(stream);
    if (call != null && inbound.arrived(call, bytes)) {
      dealing = call;
    } else {
      inbound.lost(this, bytes);
    }
  }

  /// The frames that have come were dealt with. Called by the thread that reads.
  public void dealt() {
    if (dealing != null) {
      inbound.dealt(dealing);
      dealing = null;
    }
  }

  void lose(int data) {
    boolean before = lost > MOST_LOST_BYTES;
    lost += data;
    if (lost > MOST_LOST_BYTES && !before) {
      closeSoon(
          "lost_window",
          "its client has sent %d bytes for calls that were over, which leaves too little of its window"
              .formatted(lost));
    }
  }

  long lost() {
    return lost;
  }

  void over(int stream) {
    open.remove(stream);
  }

  /// Called when its socket is closed.
  public void closed() {
    closed = true;
    unwritten.close();
    inbound.closed(this);
  }

  boolean isClosed() {
    return closed;
  }

  public Unwritten unwritten() {
    return unwritten;
  }

  /// Closes it without a word to its client.
  ///
  /// @param event stable name for the log
  public void close(String event, String why) {
    LOG.log(System.Logger.Level.WARNING, "a connection is closed: " + why, field("event", event));
    closeSocket();
  }

  private void closeSocket() {
    try {
      socket.close();
    } catch (IOException gone) {
      // It was to be closed.
    }
    closed();
  }

  long bytes() {
    return bytes;
  }

  void add(InboundCall call, long some) {
    bytes += some;
    call.inside += some;
    if (call.inside > 0) {
      calls.add(call);
    } else {
      calls.remove(call);
    }
  }

  boolean isArriving() {
    return calls.stream().anyMatch(InboundCall::isArriving);
  }

  /// What does not belong to its largest request.
  long besideLargest() {
    if (bytes <= Inbound.MOST_BESIDE_BYTES) {
      return 0;
    }
    long largest = calls.stream().mapToLong(call -> call.inside).max().orElse(0);
    return bytes - Math.min(largest, Inbound.MOST_REQUEST_BYTES);
  }

  void refuseBeyond() {
    List<InboundCall> refused;
    synchronized (inbound) {
      refused =
          besideLargest() <= Inbound.MOST_BESIDE_BYTES
              ? List.of()
              : calls.stream().filter(call -> call.untaken.isUnfinished()).toList();
    }
    if (!refused.isEmpty()) {
      refused.forEach(InboundCall::refuse);
      closeSoon(
          "too_many_requests",
          "more than %d MiB of requests waited on it beside its largest one"
              .formatted(Inbound.MOST_BESIDE_BYTES >> 20));
    }
  }

  private void closeSoon(String event, String why) {
    Thread.startVirtualThread(() -> {
      try {
        Thread.sleep(TO_READ_REFUSALS);
        close(event, why);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }
}
