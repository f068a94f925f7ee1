package dev.reseolio.server.guard;

import dev.reseolio.server.access.Caller;
import dev.reseolio.server.access.Gate;
import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A call that ends with the first message, in either direction, after its token is no longer
/// valid: a stream must not outlive the right to open it.
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final Caller caller;
  private boolean closed;
  private boolean withdrawn;

  GuardedCall(ServerCall<Q, A> call, Caller caller) {
    super(call);
    this.caller = caller;
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (allowed()) {
      super.sendMessage(message);
    }
  }

  @Override
  public synchronized void close(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      super.close(status, trailers);
    }
  }

  /// False, and the call is over, when the token is no longer valid.
  private synchronized boolean allowed() {
    if (!closed && !caller.valid()) {
      withdrawn = true;
      RpcErrors.refuse(this, Gate.withdrawn());
    }
    return !closed;
  }

  private synchronized boolean withdrawn() {
    return withdrawn;
  }

  ServerCall.Listener<Q> watching(ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        if (allowed()) {
          super.onMessage(message);
        }
      }

      // For what serves the stream it is as if the client had gone.
      @Override
      public void onComplete() {
        if (withdrawn()) {
          super.onCancel();
        } else {
          super.onComplete();
        }
      }
    };
  }
}
