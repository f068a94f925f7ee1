package dev.reseolio.server.net;

import static dev.reseolio.server.log.Logs.field;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Bounds the connections a server socket has open at once, those that have not said a word
/// included: each costs buffers and a thread.
public final class ConnectionLimit {
  private static final System.Logger LOG = System.getLogger(ConnectionLimit.class.getName());
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong toldAt = new AtomicLong(System.nanoTime() - QUIET_NANOS);

  public ConnectionLimit(int most) {
    this.most = most;
  }

  /// False when there are too many; the connection is to be closed then.
  boolean enter() {
    if (open.incrementAndGet() <= most) {
      return true;
    }
    open.decrementAndGet();
    tell();
    return false;
  }

  void leave() {
    open.decrementAndGet();
  }

  /// At most once a minute: the log must not become what an attacker fills.
  private void tell() {
    long last = toldAt.get();
    if (System.nanoTime() - last >= QUIET_NANOS && toldAt.compareAndSet(last, System.nanoTime())) {
      LOG.log(
          System.Logger.Level.WARNING,
          "connections are refused: as many as max-connections allows are open",
          field("event", "too_many_connections"),
          field("limit", most));
    }
  }
}
