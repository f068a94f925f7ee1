package dev.reseolio.server.rpc;

import dev.reseolio.proto.v1.JobServiceGrpc;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// How many ids result streams watch; one costs 110 bytes. While a connection has [#MOST_ASKED] of
/// them, its streams are not asked for more. What they have sent already is refused beyond twice as
/// many, or [#MOST] on this sidecar.
public final class WatchedIds extends ServerTransportFilter implements ServerInterceptor {
  static final int MOST_ASKED = 50_000;
  static final int MOST_OF_ONE = 2 * MOST_ASKED;
  static final int MOST = 2 * MOST_OF_ONE;

  static final String HINT =
      "%d ids are watched over this connection, or %d over all; wait for fewer jobs at a time, or over another sidecar"
          .formatted(MOST_OF_ONE, MOST);

  private static final Attributes.Key<OfConnection> ATTRIBUTE =
      Attributes.Key.create("watched-ids");
  private static final Context.Key<OfConnection> KEY = Context.key("watched-ids");

  private final AtomicInteger all = new AtomicInteger();

  /// Those of the connection that the current call came over.
  static OfConnection current() {
    return KEY.get();
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(ATTRIBUTE, new OfConnection()).build();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor()
        .getFullMethodName()
        .equals(JobServiceGrpc.getWatchResultsMethod().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    var connection = Objects.requireNonNull(call.getAttributes().get(ATTRIBUTE));
    var context = Context.current().withValue(KEY, connection);
    return Contexts.interceptCall(context, call, headers, next);
  }

  /// The part of one connection.
  final class OfConnection {
    private final AtomicInteger mine = new AtomicInteger();
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /// False: there are too many, and it was not counted.
    boolean tryAdd() {
      int counted = mine.incrementAndGet();
      boolean room = all.incrementAndGet() <= MOST && counted <= MOST_OF_ONE;
      if (!room) {
        remove();
      }
      return room;
    }

    void remove() {
      mine.decrementAndGet();
      all.decrementAndGet();
      release();
    }

    /// Runs what asks a stream for more, now or when there is room.
    void whenAskedForMore(Runnable ask) {
      held.add(ask);
      release();
    }

    private void release() {
      Runnable ask;
      while (mine.get() < MOST_ASKED && (ask = held.poll()) != null) {
        ask.run();
      }
    }
  }
}
