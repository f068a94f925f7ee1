package dev.reseolio.internal.client;

import dev.reseolio.ReseolioException;
import dev.reseolio.internal.wire.Errors;
import dev.reseolio.proto.v1.CancelRequest;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.Job;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.reseolio.proto.v1.RetryRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Calls on one job. Each may be repeated without harm, so each survives the loss of a connection,
/// up to its time limit.
public final class JobCalls {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long AGAIN_MILLIS = 50;

  private final Link link;

  public JobCalls(Link link) {
    this.link = link;
  }

  public Job get(String jobId) {
    GetRequest request = GetRequest.newBuilder().setJobId(jobId).build();
    return call(stub -> stub.get(request)).getJob();
  }

  /// True when this call cancelled the job or asked its worker to stop.
  public boolean cancel(String jobId) {
    CancelRequest request = CancelRequest.newBuilder().setJobId(jobId).build();
    return call(stub -> stub.cancel(request)).getAccepted();
  }

  /// True when this call gave the job a new round of attempts.
  public boolean retry(String jobId) {
    RetryRequest request = RetryRequest.newBuilder().setJobId(jobId).build();
    return call(stub -> stub.retry(request)).getAccepted();
  }

  private <T> T call(Function<JobServiceBlockingStub, T> rpc) {
    long giveUp = System.nanoTime() + TIMEOUT_NANOS;
    while (true) {
      Channel channel = link.await(giveUp);
      try {
        long left = Math.max(1, giveUp - System.nanoTime());
        return rpc.apply(
            JobServiceGrpc.newBlockingStub(channel).withDeadlineAfter(left, TimeUnit.NANOSECONDS));
      } catch (StatusRuntimeException e) {
        throwUnlessRepeatable(e, giveUp);
      }
    }
  }

  private static void throwUnlessRepeatable(StatusRuntimeException e, long giveUp) {
    boolean repeatable = Errors.connectionLost(e) || Errors.shuttingDown(e);
    ReseolioException failure = Errors.of(e);
    if (!repeatable || Thread.currentThread().isInterrupted() || System.nanoTime() >= giveUp) {
      throw failure;
    }
    try {
      Thread.sleep(AGAIN_MILLIS);
    } catch (InterruptedException interrupt) {
      throw Waiting.interrupted(interrupt);
    }
  }
}
