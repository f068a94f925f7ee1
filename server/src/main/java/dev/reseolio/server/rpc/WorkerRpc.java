package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.Text;
import dev.reseolio.proto.v1.BeatRequest;
import dev.reseolio.proto.v1.BeatResponse;
import dev.reseolio.proto.v1.ListStepsRequest;
import dev.reseolio.proto.v1.ListStepsResponse;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import dev.reseolio.server.access.Caller;
import io.grpc.stub.StreamObserver;

/// Workers over gRPC.
public final class WorkerRpc extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final Engine engine;

  public WorkerRpc(Engine engine) {
    this.engine = engine;
  }

  @Override
  public StreamObserver<WorkRequest> work(StreamObserver<WorkResponse> reply) {
    return new WorkStream(engine, Caller.current(), reply);
  }

  @Override
  public void beat(BeatRequest request, StreamObserver<BeatResponse> reply) {
    reply.onNext(BeatResponse.newBuilder().setKnown(engine.beat(request.getSession())).build());
    reply.onCompleted();
  }

  @Override
  public void listSteps(ListStepsRequest request, StreamObserver<ListStepsResponse> reply) {
    try {
      String after = request.getAfter();
      reply.onNext(
          Replies.steps(
              engine.steps(
                  request.getSession(),
                  Leases.key(request.getLease()),
                  after.isEmpty() ? after : Text.name("after", after))));
      reply.onCompleted();
    } catch (RuntimeException refused) {
      reply.onError(RpcErrors.status(refused));
    }
  }
}
