package dev.reseolio.server.rpc;

import dev.reseolio.engine.flush.Source;
import dev.reseolio.proto.v1.EnqueueResult;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.server.access.Caller;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One client's batches of new jobs. While too much waits for its commit the next message is not
/// read, and the transport's window holds the client back.
final class EnqueueStream implements StreamObserver<EnqueueStreamRequest> {
  private final JobRpc jobs;
  private final Caller caller;
  private final Source source = new Source();
  private final Outbox<EnqueueStreamResponse> outbox;

  /// Batches without an answer, and one for the client's side while it is open.
  private final AtomicInteger open = new AtomicInteger(1);

  EnqueueStream(JobRpc jobs, Caller caller, StreamObserver<EnqueueStreamResponse> reply) {
    this.jobs = jobs;
    this.caller = caller;
    this.outbox = new Outbox<>(reply);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // It never fails.
  public void onNext(EnqueueStreamRequest batch) {
    try {
      open.incrementAndGet();
      int number = batch.getNumber(); // The batch itself is not kept until its commit.
      jobs.enqueueAll(batch.getJobsList(), caller, source, patience(batch))
          .thenAccept(results -> answer(number, results));
    } catch (RuntimeException refused) {
      outbox.fail(RpcErrors.status(refused));
    }
  }

  private static Duration patience(EnqueueStreamRequest batch) {
    return batch.hasTimeout()
        ? JobRpc.answeringWithin(Requests.duration("timeout", batch.getTimeout()))
        : JobRpc.FOR_EVER;
  }

  private void answer(int number, List<EnqueueResult> results) {
    outbox.send(
        EnqueueStreamResponse.newBuilder().setNumber(number).addAllResults(results).build());
    closeOne();
  }

  private void closeOne() {
    if (open.decrementAndGet() == 0) {
      outbox.complete();
    }
  }

  /// What was enqueued stays so; there is nobody left to tell.
  @Override
  public void onError(Throwable broken) {}

  @Override
  public void onCompleted() {
    closeOne();
  }
}
