package dev.reseolio.server.guard;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A stream whose answers are counted until the client has read them. While it has not, no more is
/// asked of it. A message that comes all the same, and finds no room for its answer, ends the
/// stream with `overloaded`, as soon as all before it is answered; it and what follows it is not
/// looked at. An answer that nothing was kept free for, and that finds no room, ends it at once.
final class StreamedCall<Q, A> extends CountedCall<Q, A> {
  private int withheld;
  private int mostUnread;
  private long unread;
  private boolean cut;
  private boolean closed;

  StreamedCall(ServerCall<Q, A> call, UnreadAnswers.OfConnection connection) {
    super(call, connection);
  }

  @Override
  public synchronized void request(int messages) {
    if (super.isReady()) {
      super.request(messages);
    } else {
      withheld += messages;
    }
  }

  /// How far behind the client may be for [#isReady()]; the transport goes on to tell when it has
  /// read nearly all.
  @Override
  public synchronized void setOnReadyThreshold(int bytes) {
    mostUnread = bytes;
  }

  @Override
  public synchronized boolean isReady() {
    return super.isReady() || (unread < mostUnread && connection.hasRoom());
  }

  @Override
  public void sendMessage(A answer) {
    if (count(AnswerInterceptor.bytes(answer), AnswerInterceptor.promised(answer))) {
      super.sendMessage(answer);
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
    unread += cut ? 0 : bytes;
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
    if (super.isReady()) {
      add(-unread);
      unread = 0;
      if (withheld > 0) {
        super.request(withheld);
        withheld = 0;
      }
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
