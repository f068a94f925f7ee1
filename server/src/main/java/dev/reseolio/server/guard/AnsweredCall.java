package dev.reseolio.server.guard;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A call whose one answer is counted from when it is sent until the call is over, and before that
/// what a batch will be answered: without room for it nothing is done.
final class AnsweredCall<Q, A> extends CountedCall<Q, A> {
  AnsweredCall(ServerCall<Q, A> call, Unread.OfConnection connection) {
    super(call, connection);
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
    if (!AnswerInterceptor.reads(this)) {
      add(bytes);
    } else if (!over) { // Else nobody waits for it: the transport drops it.
      refused = !tryAdd(bytes);
    }
    return !refused;
  }

  /// False: there is no room for what it will be answered.
  private synchronized boolean promise(Q message) {
    long bytes = AnswerInterceptor.promised(message);
    if (!over && bytes > 0) {
      refused = !tryAdd(bytes);
    }
    return !refused;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!refused()) {
      super.close(status, trailers);
    }
  }

  @Override
  void take(Q message, ServerCall.Listener<Q> listener) {
    if (promise(message)) {
      listener.onMessage(message);
    } else {
      AnswerInterceptor.refuse(delegate());
    }
  }
}
