package dev.reseolio.server.inbound;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What one connection has inside. Its fields are guarded by the [Inbound].
public final class InboundConnection {
  /// The one that this thread reads.
  private static final ThreadLocal<InboundConnection> READ = new ThreadLocal<>();

  private static final Duration TO_READ_REFUSALS = Duration.ofSeconds(1);

  private final Inbound inbound;
  private final Closeable socket;

  /// Those with something inside, the oldest first.
  private final Set<InboundCall> calls = new LinkedHashSet<>();

  /// Calls that nothing has begun to serve: what comes for them is not counted before.
  private final AtomicInteger unserved = new AtomicInteger();

  private long bytes;
  private volatile boolean closed;

  InboundConnection(Inbound inbound, Closeable socket) {
    this.inbound = inbound;
    this.socket = socket;
  }

  static @Nullable InboundConnection readByThisThread() {
    return READ.get();
  }

  /// Called by who reads it, after each read; returns when what was read may be looked at.
  @SuppressWarnings("ThreadPriorityCheck") // Nothing is wrong, but dear, when it does not yield.
  public void awaitTurn() throws IOException {
    READ.set(this);
    if (unserved.get() > 0) {
      Thread.yield();
    }
    try {
      inbound.awaitTurn(this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a turn to be read");
    }
  }

  void opened() {
    unserved.incrementAndGet();
  }

  void served() {
    unserved.decrementAndGet();
  }

  /// Called when its socket is closed.
  public void closed() {
    closed = true;
    inbound.closed(this);
  }

  boolean isClosed() {
    return closed;
  }

  void closeSocket() {
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
    return calls.stream().anyMatch(call -> call.arriving > 0);
  }

  long besideLargest() {
    return bytes <= Inbound.MOST_BESIDE_BYTES
        ? 0
        : bytes - calls.stream().mapToLong(call -> call.inside).max().orElse(0);
  }

  void refuseBeyond() {
    List<InboundCall> refused;
    synchronized (inbound) {
      refused =
          besideLargest() <= Inbound.MOST_BESIDE_BYTES
              ? List.of()
              : calls.stream().filter(call -> call.arriving > 0).toList();
    }
    if (!refused.isEmpty()) {
      refused.forEach(InboundCall::refuse);
      Thread.startVirtualThread(this::closeSoon);
    }
  }

  private void closeSoon() {
    try {
      Thread.sleep(TO_READ_REFUSALS);
      closeSocket();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
