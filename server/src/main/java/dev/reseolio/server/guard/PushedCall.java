package dev.reseolio.server.guard;

import io.grpc.ServerCall;

/// A worker's stream. It is read however far behind the worker is, for the beats on it, and what is
/// pushed is bounded by not pushing more. The dispatcher asks again whether it may, whenever there
/// is something to push, so it is not told when there is room in all.
final class PushedCall<Q, A> extends SentStream<Q, A> {
  PushedCall(ServerCall<Q, A> call, Unread.OfConnection connection) {
    super(call, connection);
  }

  @Override
  boolean maySend(boolean reads) {
    return reads && connection.hasRoomToPush();
  }

  @Override
  public void sendMessage(A message) {
    long bytes = AnswerInterceptor.bytes(message);
    add(bytes);
    super.sendMessage(message);
    sent(bytes);
    drained();
  }

  @Override
  void take(Q message, ServerCall.Listener<Q> listener) {
    listener.onMessage(message);
  }
}
