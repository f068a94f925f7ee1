package dev.reseolio.server.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.locks.ReentrantLock;

/// Serialises what several threads send on one stream.
final class Outbox<T> {
  private final ServerCallStreamObserver<T> stream;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean ended;

  Outbox(StreamObserver<T> stream) {
    this.stream = (ServerCallStreamObserver<T>) stream;
    // Without a handler a call that the client ended would throw at the sender.
    this.stream.setOnCancelHandler(this::cancelled);
  }

  /// True while more than `bytes`, given to [#bound], wait for the client to read.
  boolean full() {
    return !stream.isReady();
  }

  /// Calls back when the outbox is no longer full. While the call is being set up only.
  void bound(int bytes, Runnable roomAgain) {
    stream.setOnReadyThreshold(bytes);
    stream.setOnReadyHandler(roomAgain);
  }

  /// Nothing more comes from the client unless it is asked. While the call is being set up only.
  void byAsking() {
    stream.disableAutoRequest();
  }

  /// Asks the client for one more message.
  void ask() {
    stream.request(1);
  }

  private void cancelled() {
    end(() -> {});
  }

  /// False: the stream has ended, and the message is dropped.
  boolean send(T message) {
    lock.lock();
    try {
      if (!ended) {
        stream.onNext(message);
      }
      return !ended;
    } catch (IllegalStateException closed) {
      ended = true; // By the transport, which has not said so yet.
      return false;
    } finally {
      lock.unlock();
    }
  }

  void complete() {
    end(stream::onCompleted);
  }

  void fail(Throwable why) {
    end(() -> stream.onError(why));
  }

  private void end(Runnable last) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        last.run();
      }
    } finally {
      lock.unlock();
    }
  }
}
