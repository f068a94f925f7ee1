package dev.reseolio.server.security;

import dev.reseolio.proto.v1.ErrorDetail;
import dev.reseolio.proto.v1.Function;
import dev.reseolio.proto.v1.Hello;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A worker's stream in the hands of a test.
final class Wire implements StreamObserver<WorkResponse> {
  private static final Metadata.Key<ErrorDetail> DETAIL =
      Metadata.Key.of(
          "reseolio-error-bin", ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));

  private final BlockingQueue<WorkResponse> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> end = new CompletableFuture<>();
  private final StreamObserver<WorkRequest> requests;

  private Wire(Channel channel, String secret) {
    requests =
        WorkerServiceGrpc.newStub(channel).withCallCredentials(Fortress.bearer(secret)).work(this);
  }

  static Wire open(Channel channel, String secret, String... functions) {
    var wire = new Wire(channel, secret);
    wire.send(
        WorkRequest.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setWorkerId("w")
                    .setProtocolMin(1)
                    .setProtocolMax(1)
                    .setCredits(5)
                    .addAllFunctions(
                        Arrays.stream(functions)
                            .map(name -> Function.newBuilder().setName(name).build())
                            .toList()))
            .build());
    return wire;
  }

  void send(WorkRequest request) {
    requests.onNext(request);
  }

  WorkResponse next() throws InterruptedException {
    return Objects.requireNonNull(answers.poll(20, TimeUnit.SECONDS), "no answer came");
  }

  /// The next answer of this kind.
  WorkResponse next(WorkResponse.MessageCase kind) throws InterruptedException {
    while (true) {
      var answer = next();
      if (answer.getMessageCase() == kind) {
        return answer;
      }
    }
  }

  /// Says the same until the stream ends, since the server looks at its files only so often.
  String refusalOf(WorkRequest request) throws Exception {
    while (!end.isDone()) {
      send(request);
      LockSupport.parkNanos(5_000_000);
    }
    return refusal();
  }

  /// The stable reason the stream ended with.
  String refusal() throws Exception {
    return reason(end.get(20, TimeUnit.SECONDS));
  }

  static String reason(Throwable error) {
    var trailers = Objects.requireNonNull(Status.trailersFromThrowable(error), error::toString);
    var detail = trailers.get(DETAIL);
    return detail == null ? "none" : detail.getReason();
  }

  @Override
  public void onNext(WorkResponse answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    end.complete(error);
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK.asException());
  }
}
