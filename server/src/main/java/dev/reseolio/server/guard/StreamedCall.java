package dev.reseolio.server.guard;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A stream whose answers are counted until the client has read them. While it has not, no more is
/// asked of it. A message that comes all the same, and finds no room for its answer, ends the
/// stream with `overloaded`, as soon as all before it is answered; it and what follows it is not
/// looked at.
final class StreamedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final UnreadAnswers.OfConnection connection;
  private int withheld;
  private int mostUnread;
  private long unread;
  private long promised;
  private boolean refused;
  private boolean over;

  StreamedCall(ServerCall<Q, A> call, UnreadAnswers.OfConnection connection) {
    super(call);
    this.connection = connection;
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
    count(AnswerInterceptor.bytes(answer), AnswerInterceptor.promised(answer));
    super.sendMessage(answer);
    readIfReady();
  }

  private synchronized void count(long bytes, long kept) {
    if (!over) {
      connection.add(bytes - kept);
      unread += bytes;
      promised -= kept;
    }
  }

  /// Asks the client for what was withheld from it, if it has read.
  private synchronized void readIfReady() {
    if (super.isReady()) {
      connection.remove(unread);
      unread = 0;
      if (withheld > 0) {
        super.request(withheld);
        withheld = 0;
      }
    }
  }

  /// False: there is no room for what it will be answered.
  private synchronized boolean promise(Q message) {
    long bytes = AnswerInterceptor.promised(message);
    boolean room = !refused && !over && connection.tryAdd(bytes);
    promised += room ? bytes : 0;
    return room;
  }

  /// False: it was refused before.
  private synchronized boolean refuse() {
    boolean first = !refused;
    refused = true;
    return first;
  }

  private synchronized boolean refused() {
    return refused;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (refused() && status.isOk()) {
      AnswerInterceptor.refuse(delegate());
    } else {
      super.close(status, trailers);
    }
  }

  private synchronized void over() {
    if (!over) {
      over = true;
      connection.remove(unread + promised);
      unread = 0;
      promised = 0;
    }
  }

  ServerCall.Listener<Q> watching(ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        if (promise(message)) {
          super.onMessage(message);
        } else if (refuse()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onReady() {
        readIfReady();
        super.onReady();
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
