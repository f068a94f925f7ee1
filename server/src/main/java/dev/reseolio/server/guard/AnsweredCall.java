package dev.reseolio.server.guard;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A call whose one answer is counted from when it is sent until the call is over, and before that
/// what a batch will be answered: without room for it nothing is done.
final class AnsweredCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final UnreadAnswers.OfConnection connection;
  private long counted;
  private boolean refused;
  private boolean over;

  AnsweredCall(ServerCall<Q, A> call, UnreadAnswers.OfConnection connection) {
    super(call);
    this.connection = connection;
  }

  @Override
  public void sendMessage(A message) {
    if (count(AnswerInterceptor.bytes(message) - AnswerInterceptor.promised(message))) {
      super.sendMessage(message);
    } else {
      AnswerInterceptor.refuse(delegate());
    }
  }

  /// False: there is no room for the answer.
  private synchronized boolean count(long bytes) {
    if (over) {
      return true; // Nobody waits for it: the transport drops it.
    }
    if (!AnswerInterceptor.reads(this)) {
      connection.add(bytes);
    } else if (!connection.tryAdd(bytes)) {
      refused = true;
      return false;
    }
    counted += bytes;
    return true;
  }

  /// False: there is no room for what it will be answered.
  private synchronized boolean promise(Q message) {
    long bytes = AnswerInterceptor.promised(message);
    if (over || bytes == 0) {
      return true;
    }
    refused = !connection.tryAdd(bytes);
    counted += refused ? 0 : bytes;
    return !refused;
  }

  private synchronized void over() {
    if (!over) {
      over = true;
      connection.remove(counted);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!refused()) {
      super.close(status, trailers);
    }
  }

  private synchronized boolean refused() {
    return refused;
  }

  ServerCall.Listener<Q> watching(ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        if (promise(message)) {
          super.onMessage(message);
        } else {
          AnswerInterceptor.refuse(AnsweredCall.this.delegate());
        }
      }

      // For what serves the call nothing has come.
      @Override
      public void onHalfClose() {
        if (!refused()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onComplete() {
        over();
        super.onComplete();
      }

      @Override
      public void onCancel() {
        over();
        super.onCancel();
      }
    };
  }
}
