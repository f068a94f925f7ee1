package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reseolio.Reseolio;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.Hello;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.Lease;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Outcomes;
import dev.reseolio.proto.v1.Release;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams that are not read, against a sidecar with its own heap of 64 MB: after each, work goes
/// on.
@Timeout(300)
class StalledReaderIT {
  private static final int STREAMS = 90;
  private static final String LARGE = "survival:large:run";

  @Test
  void largeResultsThatManyStreamsDoNotReadAreBound() throws Exception {
    HostileClientIT.survives(
        "17-results",
        (scene, node, channel) -> {
          try (var worker = Reseolio.builder().address(node.address()).start()) {
            worker.durable(LARGE, String.class, String.class, any -> "x".repeat(1_000_000));
            var job = scene.calls().call(scene.client(node), LARGE, "x").join();
            job.result(HostileClientIT.SOON);
            var watch = WatchResultsRequest.newBuilder().addJobIds(job.id()).build();
            List<CompletableFuture<Status>> ends = new ArrayList<>();
            watchers(channel, ends).forEach(stream -> stream.sendMessage(watch));
            HostileClientIT.awaitRefusals(ends, STREAMS - 10);
          }
        });
  }

  private static List<ClientCall<WatchResultsRequest, WatchResultsResponse>> watchers(
      ManagedChannel channel, List<CompletableFuture<Status>> ends) {
    List<ClientCall<WatchResultsRequest, WatchResultsResponse>> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      var ended = new CompletableFuture<Status>();
      streams.add(HostileClientIT.start(channel, JobServiceGrpc.getWatchResultsMethod(), ended));
      ends.add(ended);
    }
    return streams;
  }

  /// Streams of a thousand ids each, one after the other: messages that come at once would take up
  /// more than their ids.
  @Test
  void idsThatManyStreamsWatchAreBound() throws Exception {
    HostileClientIT.survives(
        "18-ids",
        (scene, node, channel) -> {
          var watch =
              WatchResultsRequest.newBuilder().addAllJobIds(jobs(channel)).addJobIds("no id");
          assertEquals(STREAMS, letIn(channel, watch.build()));
          var second = HostileClientIT.connect(node);
          assertEquals(STREAMS, letIn(second, watch.build()));
          var third = HostileClientIT.connect(node);
          assertEquals(200 - 2 * STREAMS, letIn(third, watch.build()), "200 000 of all");
          second.shutdownNow();
          third.shutdownNow();
        });
  }

  /// How many streams were answered the id that is none, which comes last.
  private static int letIn(ManagedChannel channel, WatchResultsRequest watch) throws Exception {
    int answered = 0;
    for (int i = 0; i < STREAMS; i++) {
      var first = new CompletableFuture<Boolean>();
      JobServiceGrpc.newStub(channel).watchResults(new FirstAnswer(first)).onNext(watch);
      answered += first.get(HostileClientIT.SOON.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
    }
    return answered;
  }

  /// False: the stream ended before.
  private record FirstAnswer(CompletableFuture<Boolean> came)
      implements StreamObserver<WatchResultsResponse> {
    @Override
    public void onNext(WatchResultsResponse answer) {
      came.complete(true);
    }

    @Override
    public void onError(Throwable refused) {
      came.complete(false);
    }

    @Override
    public void onCompleted() {
      came.complete(false);
    }
  }

  /// A thousand that nobody runs.
  private static List<String> jobs(ManagedChannel channel) {
    var job = EnqueueRequest.newBuilder().setFunction("survival:nobody:run").build();
    var batch = EnqueueBatchRequest.newBuilder().addAllJobs(Collections.nCopies(1_000, job));
    return JobServiceGrpc.newBlockingStub(channel)
        .enqueueBatch(batch.build())
        .getResultsList()
        .stream()
        .map(result -> result.getEnqueued().getJobId())
        .toList();
  }

  @Test
  void leasesAWorkerNeverHadAndDoesNotReadOfAreBound() throws Exception {
    HostileClientIT.survives(
        "19-leases",
        (scene, node, channel) -> {
          var ended = new CompletableFuture<Status>();
          var stream = HostileClientIT.start(channel, WorkerServiceGrpc.getWorkMethod(), ended);
          stream.sendMessage(hello());
          var outcomes = outcomes();
          for (int i = 0; i < 100; i++) {
            stream.sendMessage(outcomes);
          }
          Await.until("all is sent", HostileClientIT.SOON, stream::isReady);
          stream.request(1000);
          assertEquals(
              Status.Code.RESOURCE_EXHAUSTED,
              ended.get(HostileClientIT.SOON.toSeconds(), TimeUnit.SECONDS).getCode());
        });
  }

  private static WorkRequest hello() {
    return WorkRequest.newBuilder()
        .setHello(
            Hello.newBuilder().setProtocolMin(1).setProtocolMax(1).setWorkerId("w").setCredits(1))
        .build();
  }

  private static WorkRequest outcomes() {
    var never =
        Outcome.newBuilder()
            .setLease(Lease.newBuilder().setJobId("01890000-0000-7000-8000-000000000000"))
            .setRelease(Release.getDefaultInstance())
            .build();
    return WorkRequest.newBuilder()
        .setOutcomes(Outcomes.newBuilder().addAllOutcomes(Collections.nCopies(10_000, never)))
        .build();
  }
}
