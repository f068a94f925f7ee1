package dev.reseolio.server.inbound;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Counts what one call has inside, as the transport tells of it. Its fields are guarded by the
/// [Inbound].
final class InboundCall extends ServerStreamTracer {
  static final Context.Key<InboundCall> KEY = Context.key("inbound-call");

  /// What a small part of a message takes up until that has come whole: okio gives it a segment of
  /// its own.
  static final long SEGMENT_BYTES = 8 << 10;

  private static final long SMALL_BYTES = 1 << 10;

  final InboundConnection connection;

  /// All of it, what is being offered included.
  long inside;

  /// Of the message that has not come whole.
  long arriving;

  /// Of messages that have, and were not offered yet.
  long whole;

  private final Inbound inbound;
  private final AtomicBoolean waits = new AtomicBoolean(true);
  private volatile @Nullable RefusableCall<?, ?> call;

  InboundCall(Inbound inbound, InboundConnection connection) {
    this.inbound = inbound;
    this.connection = connection;
    connection.opened();
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundWireSize(long bytes) {
    inbound.arrived(this, bytes < SMALL_BYTES ? SEGMENT_BYTES : bytes);
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long bytes) {
    inbound.whole(this, wireBytes);
  }

  @Override
  public void streamClosed(Status status) {
    served();
    inbound.over(this);
  }

  /// Runs what takes the messages that have come.
  void offer(Runnable taking) {
    long bytes = inbound.offer(this);
    try {
      taking.run();
    } finally {
      inbound.taken(this, bytes);
    }
  }

  void serve(RefusableCall<?, ?> through) {
    call = through;
    served();
  }

  private void served() {
    if (waits.compareAndSet(true, false)) {
      connection.served();
    }
  }

  void refuse() {
    var through = call;
    if (through != null) {
      through.refuse();
    }
  }
}
