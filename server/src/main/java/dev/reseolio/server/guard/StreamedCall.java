package dev.reseolio.server.guard;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A stream whose answers are counted until the client has read them. While it has not, no more is
/// asked of it. A message that comes all the same, and finds no room for its answer, ends the
/// stream with `overloaded`, as soon as all before it is answered; it and what follows it is not
/// looked at. An answer that nothing was kept free for, and that finds no room, ends it at once.
final class StreamedCall<Q, A> extends SentStream<Q, A> {
  private int withheld;
  private boolean cut;
  private boolean closed;

  StreamedCall(ServerCall<Q, A> call, Unread.OfConnection connection) {
    super(call, connection);
  }

  @Override
  public synchronized void request(int messages) {
    if (nothingUnread()) {
      super.request(messages);
    } else {
      withheld += messages;
    }
  }

  @Override
  boolean maySend(boolean reads) {
    return nothingUnread() || (reads && connection.hasRoom());
  }

  @Override
  public void sendMessage(A answer) {
    long bytes = AnswerInterceptor.bytes(answer);
    if (count(bytes, AnswerInterceptor.promised(answer))) {
      super.sendMessage(answer);
      sent(bytes);
      drained();
    } else if (close()) {
      AnswerInterceptor.refuse(delegate());
    }
  }

  /// False: there is no room, for this answer or for one before it.
  private synchronized boolean count(long bytes, long kept) {
    if (kept > 0) {
      add(bytes - kept);
    } else {
      cut = cut || !tryAddLast(bytes);
    }
    return !cut;
  }

  @Override
  synchronized boolean isCut() {
    return cut;
  }

  /// False: it was closed before.
  private synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /// Asks the client for what was withheld from it, if it has read.
  @Override
  synchronized void drained() {
    super.drained();
    if (withheld > 0 && nothingUnread()) {
      super.request(withheld);
      withheld = 0;
    }
  }

  /// False: there is no room for what it will be answered.
  private synchronized boolean promise(Q message) {
    return !refused && !over && tryAdd(AnswerInterceptor.promised(message));
  }

  /// False: it was refused before.
  private synchronized boolean refuse() {
    boolean first = !refused;
    refused = true;
    return first;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!close()) {
      return;
    }
    if (refused() && status.isOk()) {
      AnswerInterceptor.refuse(delegate());
    } else {
      super.close(status, trailers);
    }
  }

  @Override
  void take(Q message, ServerCall.Listener<Q> listener) {
    if (promise(message)) {
      listener.onMessage(message);
    } else if (refuse()) {
      listener.onHalfClose();
    }
  }
}
