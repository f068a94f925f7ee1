package dev.reseolio.internal.client;

import io.grpc.stub.StreamObserver;

/// Stands in for a stream until its call is made.
final class Unopened<T> implements StreamObserver<T> {
  @Override
  public void onNext(T message) {}

  @Override
  public void onError(Throwable error) {}

  @Override
  public void onCompleted() {}
}
