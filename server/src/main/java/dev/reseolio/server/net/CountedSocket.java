package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;

/// An accepted TCP connection that is read at the pace that is allowed, and leaves its limit when
/// it is closed.
final class CountedSocket extends Socket {
  private final ConnectionLimit limit;
  private final Pace.OfConnection pace;
  private final AtomicBoolean counted = new AtomicBoolean();

  CountedSocket(ConnectionLimit limit, Pace pace) {
    this.limit = limit;
    this.pace = pace.connection(this);
  }

  /// False when there are too many.
  boolean enter() {
    boolean inside = limit.enter();
    counted.set(inside);
    return inside;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return pace.input(super.getInputStream());
  }

  @Override
  public void close() throws IOException {
    if (counted.compareAndSet(true, false)) {
      limit.leave();
      pace.closed();
    }
    super.close();
  }
}
