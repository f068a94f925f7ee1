package dev.reseolio.server.traffic;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import java.util.Objects;

/// Ties calls to their connections, and counts their requests until they are taken: those of a
/// batch when all of it has found room in the engine. Outermost, so that nothing is done before it
/// for a call that it refuses.
public final class InboundInterceptor extends ServerStreamTracer.Factory
    implements ServerInterceptor {
  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return Connection.opened();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var inside = Objects.requireNonNull(InboundCall.KEY.get());
    var refusable = new RefusableCall<>(call, inside);
    inside.serve(refusable);
    var listener = next.startCall(refusable, headers);
    return call.getMethodDescriptor().getType().clientSendsOneMessage()
        ? new Single<>(listener, inside, refusable)
        : new Streamed<>(listener, inside, refusable);
  }

  private static class Watching<Q> extends SimpleForwardingServerCallListener<Q> {
    final InboundCall inside;
    private final RefusableCall<Q, ?> call;

    Watching(ServerCall.Listener<Q> listener, InboundCall inside, RefusableCall<Q, ?> call) {
      super(listener);
      this.inside = inside;
      this.call = call;
    }

    /// For what serves the call a refusal is as if the client had gone.
    @Override
    public void onComplete() {
      if (call.isRefused()) {
        super.onCancel();
      } else {
        super.onComplete();
      }
    }
  }

  private static final class Streamed<Q> extends Watching<Q> {
    Streamed(ServerCall.Listener<Q> listener, InboundCall inside, RefusableCall<Q, ?> call) {
      super(listener, inside, call);
    }

    @Override
    public void onMessage(Q message) {
      inside.take(() -> super.onMessage(message));
    }
  }

  /// Such a call begins when its client has said that nothing more follows.
  private static final class Single<Q> extends Watching<Q> {
    Single(ServerCall.Listener<Q> listener, InboundCall inside, RefusableCall<Q, ?> call) {
      super(listener, inside, call);
    }

    @Override
    public void onHalfClose() {
      inside.take(super::onHalfClose);
    }
  }
}
