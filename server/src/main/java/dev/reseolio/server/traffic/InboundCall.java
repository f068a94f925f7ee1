package dev.reseolio.server.traffic;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// Counts what one call has inside. Its fields are guarded by the [Inbound].
final class InboundCall extends ServerStreamTracer {
  static final Context.Key<InboundCall> KEY = Context.key("inbound-call");

  final Connection connection;
  final UntakenFrames untaken = new UntakenFrames();

  /// What its frames take up, and the messages that are being taken.
  long inside;

  /// How many messages more what serves it has asked for.
  long asked;

  boolean over;

  /// Data in its frame that is being dealt with: until then nobody knows what becomes of it.
  int dealing;

  private final Inbound inbound;
  private final int stream;
  private volatile @Nullable RefusableCall<?, ?> call;

  InboundCall(Inbound inbound, Connection connection, int stream) {
    this.inbound = inbound;
    this.connection = connection;
    this.stream = stream;
  }

  /// It is the client that is waited for.
  boolean isArriving() {
    return asked > 0 && untaken.isUnfinished();
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long bytes) {
    inbound.whole(this, wireBytes);
  }

  @Override
  public void streamClosed(Status status) {
    connection.over(stream);
    inbound.over(this);
  }

  /// Runs what takes the messages that have come.
  void take(Runnable taking) {
    long bytes = inbound.take(this);
    try {
      taking.run();
    } finally {
      inbound.taken(this, bytes);
    }
  }

  void serve(RefusableCall<?, ?> through) {
    call = through;
  }

  void ask(int messages) {
    inbound.asked(this, messages);
  }

  void refuse() {
    var through = call;
    if (through != null) {
      through.refuse();
    }
  }
}
