package dev.reseolio.internal.client;

import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueBatchResponse;
import dev.reseolio.proto.v1.JobServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;

/// Carries one batch and brings back one answer.
interface EnqueueTransport {
  EnqueueTransport GRPC = EnqueueTransport::sendByGrpc;

  /// Exactly one of the two is called, once.
  interface Answer {
    void answered(EnqueueBatchResponse response);

    /// No answer came.
    ///
    /// @param mayHaveArrived false when the request never left this process
    void failed(Throwable error, boolean mayHaveArrived);
  }

  void send(Channel channel, EnqueueBatchRequest request, long timeoutNanos, Answer answer);

  private static void sendByGrpc(
      Channel channel, EnqueueBatchRequest request, long timeoutNanos, Answer answer) {
    SentTracer tracer = new SentTracer();
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS)
            .withStreamTracerFactory(tracer);
    var call = channel.newCall(JobServiceGrpc.getEnqueueBatchMethod(), options);
    ClientCalls.asyncUnaryCall(
        call,
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(EnqueueBatchResponse response) {
            answer.answered(response);
          }

          @Override
          public void onError(Throwable error) {
            answer.failed(error, tracer.mayHaveArrived());
          }

          @Override
          public void onCompleted() {}
        });
  }
}
