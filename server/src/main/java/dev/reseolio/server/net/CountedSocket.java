package dev.reseolio.server.net;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;

/// An accepted TCP connection that leaves its limit when it is closed.
final class CountedSocket extends Socket {
  private final ConnectionLimit limit;
  private final AtomicBoolean counted = new AtomicBoolean();

  CountedSocket(ConnectionLimit limit) {
    this.limit = limit;
  }

  /// False when there are too many.
  boolean enter() {
    boolean inside = limit.enter();
    counted.set(inside);
    return inside;
  }

  @Override
  public void close() throws IOException {
    if (counted.compareAndSet(true, false)) {
      limit.leave();
    }
    super.close();
  }
}
