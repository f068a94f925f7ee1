package dev.reseolio.server.grpc;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Counts the connections of the gRPC server.
public final class ConnectionCount extends ServerTransportFilter {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int open;
  private long changes;

  /// How many are open now.
  public int open() {
    lock.lock();
    try {
      return open;
    } finally {
      lock.unlock();
    }
  }

  /// Returns once there was no connection for as long as `idle`, counted from this call at the
  /// earliest.
  public void awaitIdle(Duration idle) throws InterruptedException {
    lock.lock();
    try {
      while (!quietFor(idle.toNanos())) {
        while (open > 0) {
          changed.await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean quietFor(long nanos) throws InterruptedException {
    var before = changes;
    var left = nanos;
    while (open == 0 && changes == before && left > 0) {
      left = changed.awaitNanos(left);
    }
    return open == 0 && changes == before;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    change(1);
    return attributes;
  }

  /// Called with null for a connection that ended before its handshake, such as a port probe: that
  /// one was never counted.
  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    if (attributes != null) {
      change(-1);
    }
  }

  private void change(int by) {
    lock.lock();
    try {
      open += by;
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
