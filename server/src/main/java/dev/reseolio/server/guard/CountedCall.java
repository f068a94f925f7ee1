package dev.reseolio.server.guard;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/// A call whose answers, sent and promised, count on its connection until it is over, and which may
/// have been refused for lack of room: then nothing more that comes is looked at.
abstract class CountedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  final Unread.OfConnection connection;

  /// Guarded by this.
  boolean refused;

  /// Guarded by this.
  boolean over;

  /// Guarded by this.
  private long counted;

  private volatile @Nullable Runnable ready;

  /// It will be told that it may send once the socket has taken something. Guarded by this.
  private boolean waits;

  CountedCall(ServerCall<Q, A> call, Unread.OfConnection connection) {
    super(call);
    this.connection = connection;
  }

  /// Tells whoever serves it that it may send more.
  private void ready() {
    var listener = ready;
    if (listener != null) {
      listener.run();
    }
  }

  /// True: what the client has asked for waits for its socket, and no more should be sent. Whoever
  /// serves the call is told when it may go on.
  final synchronized boolean waitsForItsSocket(long mostBytes) {
    boolean behind = !connection.keepsUp(mostBytes);
    if (behind && !waits) {
      waits = true;
      connection.onceWritten(this::written);
    }
    return behind;
  }

  private void written() {
    synchronized (this) {
      waits = false;
      if (over) {
        return;
      }
    }
    drained();
    if (isReady()) {
      ready();
    }
  }

  /// They have passed the client's window.
  final synchronized void passed(long bytes) {
    if (!over) {
      connection.remove(bytes);
      counted -= bytes;
    }
  }

  final synchronized boolean refused() {
    return refused;
  }

  /// Counts whether there is room or not; less than nothing: that much more was counted before.
  final synchronized void add(long bytes) {
    if (!over) {
      connection.add(bytes);
      counted += bytes;
    }
  }

  /// False: there is no room, and nothing was counted.
  final synchronized boolean tryAdd(long bytes) {
    boolean room = connection.tryAdd(bytes);
    counted += room ? bytes : 0;
    return room;
  }

  /// False: there is no room at all, and nothing was counted. One answer may need more than there
  /// is.
  final synchronized boolean tryAddLast(long bytes) {
    boolean room = over || connection.tryAddLast(bytes);
    counted += room && !over ? bytes : 0;
    return room;
  }

  /// True: it was ended without what serves it.
  boolean isCut() {
    return false;
  }

  private synchronized void over() {
    if (!over) {
      over = true;
      connection.remove(counted);
    }
  }

  /// A message came that was not refused before its parsing.
  abstract void take(Q message, ServerCall.Listener<Q> listener);

  /// The client may have read something.
  void drained() {}

  final ServerCall.Listener<Q> watching(ServerCall.Listener<Q> listener) {
    ready = listener::onReady;
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        take(message, delegate());
      }

      @Override
      public void onHalfClose() {
        if (!refused()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onReady() {
        drained();
        super.onReady();
      }

      @Override
      public void onComplete() {
        over();
        if (isCut()) {
          super.onCancel(); // For what serves the stream it is as if the client had gone.
        } else {
          super.onComplete();
        }
      }

      @Override
      public void onCancel() {
        over();
        super.onCancel();
      }
    };
  }
}
