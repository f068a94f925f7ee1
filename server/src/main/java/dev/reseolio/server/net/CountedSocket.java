package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;

/// An accepted TCP connection that is read no faster than the backlog allows, and leaves its limit
/// when it is closed.
final class CountedSocket extends Socket {
  private final ConnectionLimit limit;
  private final Backlog backlog;
  private final AtomicBoolean counted = new AtomicBoolean();

  CountedSocket(ConnectionLimit limit, Backlog backlog) {
    this.limit = limit;
    this.backlog = backlog;
  }

  /// False when there are too many.
  boolean enter() {
    boolean inside = limit.enter();
    counted.set(inside);
    return inside;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return backlog.pace(super.getInputStream());
  }

  @Override
  public void close() throws IOException {
    if (counted.compareAndSet(true, false)) {
      limit.leave();
    }
    super.close();
  }
}
