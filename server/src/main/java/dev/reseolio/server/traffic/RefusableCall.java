package dev.reseolio.server.traffic;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A call that may be refused at any time: then nothing more that is said to its client is sent.
final class RefusableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final InboundCall inside;
  private boolean closed;
  private boolean refused;

  RefusableCall(ServerCall<Q, A> call, InboundCall inside) {
    super(call);
    this.inside = inside;
  }

  @Override
  public void request(int messages) {
    inside.ask(messages);
    super.request(messages);
  }

  synchronized boolean isRefused() {
    return refused;
  }

  synchronized void refuse() {
    if (!closed) {
      closed = true;
      refused = true;
      RpcErrors.refuse(
          delegate(),
          new EngineException(
              Reason.OVERLOADED,
              "more than %d MiB of requests wait on this connection beside its largest one; make fewer or smaller calls at a time, or use EnqueueStream"
                  .formatted(Inbound.MOST_BESIDE_BYTES >> 20)));
    }
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!refused) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (!refused) {
      super.sendMessage(message);
    }
  }

  @Override
  public synchronized void close(Status status, Metadata trailers) {
    if (!refused) {
      closed = true;
      super.close(status, trailers);
    }
  }
}
