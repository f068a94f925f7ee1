package dev.reseolio.server.guard;

import io.grpc.ServerCall;

/// A stream of answers, each counted until the client has asked for so much.
abstract class SentStream<Q, A> extends CountedCall<Q, A> {
  /// What a stream may have unread without being counted.
  private static final int UNCOUNTED_BYTES = 1 << 10;

  /// A socket that is no further behind keeps up.
  private static final int USUAL_UNWRITTEN_BYTES = 64 << 10;

  private int mostUnread;
  private long unread;

  SentStream(ServerCall<Q, A> call, Unread.OfConnection connection) {
    super(call, connection);
    call.setOnReadyThreshold(UNCOUNTED_BYTES);
  }

  /// How far behind the client may be for [#isReady()]; the transport goes on to tell when it has
  /// asked for nearly all.
  @Override
  public final synchronized void setOnReadyThreshold(int bytes) {
    mostUnread = bytes;
  }

  @Override
  public final synchronized boolean isReady() {
    return maySend(unread < mostUnread)
        && !waitsForItsSocket(Math.max(mostUnread, USUAL_UNWRITTEN_BYTES));
  }

  /// @param reads the client is not further behind than it may be
  abstract boolean maySend(boolean reads);

  final boolean nothingUnread() {
    return delegate().isReady();
  }

  /// So much was counted, and has been sent.
  final synchronized void sent(long bytes) {
    unread += bytes;
  }

  @Override
  synchronized void drained() {
    if (nothingUnread()) {
      passed(unread);
      unread = 0;
    }
  }
}
