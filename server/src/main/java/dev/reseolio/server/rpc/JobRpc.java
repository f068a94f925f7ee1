package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.flush.Source;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.proto.v1.CancelRequest;
import dev.reseolio.proto.v1.CancelResponse;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueBatchResponse;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueResponse;
import dev.reseolio.proto.v1.EnqueueResult;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.GetResponse;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.ListRequest;
import dev.reseolio.proto.v1.ListResponse;
import dev.reseolio.proto.v1.ResultRequest;
import dev.reseolio.proto.v1.ResultResponse;
import dev.reseolio.proto.v1.RetryRequest;
import dev.reseolio.proto.v1.RetryResponse;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import dev.reseolio.server.access.Caller;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Jobs over gRPC. Calls run on virtual threads; what waits for a commit or for a result waits as a
/// future.
public final class JobRpc extends JobServiceGrpc.JobServiceImplBase {
  private static final int MAX_BATCH = 10_000;
  static final Duration FOR_EVER = Duration.ofDays(365);

  private final Engine engine;

  public JobRpc(Engine engine) {
    this.engine = engine;
  }

  @Override
  public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> reply) {
    answer(
        reply,
        enqueue(request, Caller.current(), new Source(), timeLeft()).thenApply(JobRpc::response));
  }

  @Override
  public void enqueueBatch(
      EnqueueBatchRequest request, StreamObserver<EnqueueBatchResponse> reply) {
    try {
      answer(
          reply,
          enqueueAll(request.getJobsList(), Caller.current(), new Source(), timeLeft())
              .thenApply(all -> EnqueueBatchResponse.newBuilder().addAllResults(all).build()));
    } catch (RuntimeException refused) {
      reply.onError(RpcErrors.status(refused));
    }
  }

  @Override
  public StreamObserver<EnqueueStreamRequest> enqueueStream(
      StreamObserver<EnqueueStreamResponse> reply) {
    return new EnqueueStream(this, Caller.current(), reply);
  }

  /// Enqueues jobs of which each succeeds or fails for itself. Blocks while too much waits for its
  /// commit; the future completes when the last has its result, and never fails.
  CompletableFuture<List<EnqueueResult>> enqueueAll(
      List<EnqueueRequest> jobs, Caller caller, Source source, Duration patience) {
    if (jobs.size() > MAX_BATCH) {
      throw EngineException.invalid(
          "jobs",
          "a batch has at most %d jobs, but this one has %d; send several"
              .formatted(MAX_BATCH, jobs.size()));
    }
    List<CompletableFuture<EnqueueResult>> parts = new ArrayList<>(jobs.size());
    for (EnqueueRequest job : jobs) {
      parts.add(enqueue(job, caller, source, patience).handle(JobRpc::element));
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(done -> parts.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<Enqueued> enqueue(
      EnqueueRequest request, Caller caller, Source source, Duration patience) {
    try {
      NewJob job = Requests.newJob(request, engine.now());
      caller.require(job.target().function());
      return engine.enqueue(job, source, patience);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private static EnqueueResult element(Enqueued enqueued, Throwable failure) {
    return failure == null
        ? EnqueueResult.newBuilder().setEnqueued(response(enqueued)).build()
        : EnqueueResult.newBuilder().setError(RpcErrors.detail(failure)).build();
  }

  private static EnqueueResponse response(Enqueued enqueued) {
    return EnqueueResponse.newBuilder()
        .setJobId(enqueued.id().toString())
        .setDeduplicated(enqueued.deduplicated())
        .build();
  }

  private static Duration timeLeft() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? FOR_EVER
        : answeringWithin(Duration.ofMillis(deadline.timeRemaining(TimeUnit.MILLISECONDS)));
  }

  /// How long the work may take so that the caller still hears the answer.
  static Duration answeringWithin(Duration callersPatience) {
    return Duration.ofMillis(Math.max(1, callersPatience.toMillis() - 50));
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> reply) {
    answer(
        reply,
        () -> {
          JobView job = engine.find(Ids.parse(request.getJobId()));
          Sight.require(Caller.current(), job.id(), job.lane().function());
          return GetResponse.newBuilder().setJob(Replies.job(job, true)).build();
        });
  }

  @Override
  public void result(ResultRequest request, StreamObserver<ResultResponse> reply) {
    try {
      UUID id = visible(request.getJobId());
      Duration wait = request.hasWait() ? Requests.duration("wait", request.getWait()) : timeLeft();
      if (wait.isZero()) {
        send(reply, ResultResponse.newBuilder().setResult(standing(id)).build());
        return;
      }
      answer(
          reply,
          ended(id, wait, (ServerCallStreamObserver<?>) reply)
              .thenApply(r -> ResultResponse.newBuilder().setResult(r).build()));
    } catch (RuntimeException refused) {
      reply.onError(RpcErrors.status(refused));
    }
  }

  private UUID visible(String jobId) {
    return new Sight(engine, Caller.current()).of(Ids.parse(jobId));
  }

  private CompletableFuture<JobResult> ended(
      UUID id, Duration wait, ServerCallStreamObserver<?> caller) {
    JobResult timeUp = JobResult.getDefaultInstance();
    var result = engine.result(id);
    var ended =
        result
            .thenApply(Replies::result)
            .completeOnTimeout(timeUp, wait.toMillis(), TimeUnit.MILLISECONDS);
    caller.setOnCancelHandler(() -> ended.complete(timeUp)); // Who has gone waits no longer.
    return ended
        .whenComplete((end, failure) -> result.cancel(false))
        .thenApplyAsync(
            end -> end.equals(timeUp) && !caller.isCancelled() ? standing(id) : end,
            Thread::startVirtualThread);
  }

  /// Where the job stands now.
  private JobResult standing(UUID id) {
    var view = engine.find(id);
    JobEnd end = view.end();
    return end != null
        ? Replies.result(end)
        : JobResult.newBuilder()
            .setJobId(id.toString())
            .setStatus(Replies.status(view.status()))
            .setAttempt(view.progress().attempt())
            .build();
  }

  @Override
  public StreamObserver<WatchResultsRequest> watchResults(
      StreamObserver<WatchResultsResponse> reply) {
    return new ResultStream(engine, new Sight(engine, Caller.current()), reply);
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> reply) {
    answer(
        reply,
        () -> {
          JobPage page = engine.list(Requests.filter(request, Caller.current()));
          ListResponse.Builder list = ListResponse.newBuilder();
          page.jobs().forEach(job -> list.addJobs(Replies.job(job, false)));
          if (page.next() != null) {
            list.setNextPageToken(page.next().toString());
          }
          return list.build();
        });
  }

  @Override
  public void cancel(CancelRequest request, StreamObserver<CancelResponse> reply) {
    answer(
        reply,
        () -> {
          Jobs.Change change = engine.cancel(visible(request.getJobId()));
          return CancelResponse.newBuilder()
              .setStatus(Replies.status(change.status()))
              .setAccepted(change.accepted())
              .build();
        });
  }

  @Override
  public void retry(RetryRequest request, StreamObserver<RetryResponse> reply) {
    answer(
        reply,
        () -> {
          Jobs.Change change = engine.retry(visible(request.getJobId()));
          return RetryResponse.newBuilder()
              .setStatus(Replies.status(change.status()))
              .setAccepted(change.accepted())
              .build();
        });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Both ways out are handled.
  private static <T> void answer(StreamObserver<T> reply, CompletableFuture<T> future) {
    future.whenComplete((message, failure) -> {
      if (failure == null) {
        send(reply, message);
      } else {
        reply.onError(RpcErrors.status(failure));
      }
    });
  }

  private static <T> void answer(StreamObserver<T> reply, Supplier<T> work) {
    T message;
    try {
      message = work.get();
    } catch (RuntimeException failure) {
      reply.onError(RpcErrors.status(failure));
      return;
    }
    send(reply, message);
  }

  private static <T> void send(StreamObserver<T> reply, T message) {
    reply.onNext(message);
    reply.onCompleted();
  }
}
