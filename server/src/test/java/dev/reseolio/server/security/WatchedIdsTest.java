package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.proto.v1.CancelRequest;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import dev.reseolio.server.access.Role;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Streams of one connection, which are not asked for more while they watch 50 000 ids.
@Timeout(120)
class WatchedIdsTest {
  private static final int IDS = 2_000;
  private static final int STREAMS = 24;

  /// Messages of a thousand ids.
  private static final int MANY = 100;

  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static @Nullable Channel channel;
  private static String secret = "";

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    secret = fortress.token(Set.of(Role.CLIENT));
    channel = fortress.channel();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private static JobServiceGrpc.JobServiceBlockingStub calls() {
    return JobServiceGrpc.newBlockingStub(Objects.requireNonNull(channel))
        .withCallCredentials(Fortress.bearer(secret))
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static List<String> jobs(int count) {
    var job = EnqueueRequest.newBuilder().setFunction("nobody").build();
    var batch = EnqueueBatchRequest.newBuilder().addAllJobs(Collections.nCopies(count, job));
    return calls().enqueueBatch(batch.build()).getResultsList().stream()
        .map(one -> one.getEnqueued().getJobId())
        .toList();
  }

  /// A stream on which these ids are watched.
  private static final class Stream
      implements ClientResponseObserver<WatchResultsRequest, WatchResultsResponse> {
    private final Semaphore answers = new Semaphore(0);
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<WatchResultsRequest>> requests =
        new CompletableFuture<>();

    static Stream watching(List<String> ids) {
      var stream = new Stream();
      JobServiceGrpc.newStub(Objects.requireNonNull(channel))
          .withCallCredentials(Fortress.bearer(secret))
          .watchResults(stream);
      stream.watch(ids);
      return stream;
    }

    void watch(List<String> ids) {
      requests.join().onNext(WatchResultsRequest.newBuilder().addAllJobIds(ids).build());
    }

    void cancel() {
      requests.join().cancel("enough", null);
    }

    /// Waits for so many answers. False: the stream has ended.
    boolean answered(int count) throws InterruptedException {
      while (!answers.tryAcquire(count, 10, TimeUnit.MILLISECONDS)) {
        if (ended.isDone()) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchResultsRequest> stream) {
      requests.complete(stream);
    }

    @Override
    public void onNext(WatchResultsResponse answer) {
      answers.release(answer.getResultsCount() + answer.getUnknownJobIdsCount());
    }

    @Override
    public void onError(Throwable error) {
      ended.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      ended.complete(Status.OK);
    }
  }

  @Test
  void aStreamIsNotAskedForMoreThanItsConnectionMayWatchUntilAnotherEnds() throws Exception {
    var jobs = jobs(IDS);
    var others = watching(jobs, STREAMS);
    for (var other : others) {
      other.watch(List.of("no id"));
      assertTrue(other.answered(1), "there is room");
    }
    var last = Stream.watching(jobs);
    var first = others.getFirst();
    first.watch(List.of("no id"));
    assertTrue(first.answered(1), "it was asked before there was no room");
    last.watch(List.of("no id"));
    assertEquals(0, last.answers.availablePermits());
    first.cancel();
    assertTrue(last.answered(1), "there is room again");
    others.forEach(Stream::cancel);
    last.cancel();
  }

  private static List<Stream> watching(List<String> ids, int streams) {
    return IntStream.range(0, streams).mapToObj(i -> Stream.watching(ids)).toList();
  }

  @Test
  void whatManyStreamsHaveSentIsRefusedBeyondTwiceAsMany() throws Exception {
    var streams = watching(jobs(IDS), 2 * STREAMS + 3);
    var ends = streams.stream().map(stream -> stream.ended).toArray(CompletableFuture<?>[]::new);
    var end = (Status) CompletableFuture.anyOf(ends).get(20, TimeUnit.SECONDS);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, end.getCode());
    streams.forEach(Stream::cancel);
  }

  @Test
  void idsThatAreAnsweredOrAskedForAgainAreNotCounted() throws Exception {
    int some = 1_000;
    var jobs = jobs(some);
    var stream = Stream.watching(jobs);
    for (int i = 0; i <= MANY; i++) {
      stream.watch(jobs);
    }
    stream.watch(List.of("no id"));
    assertTrue(stream.answered(1), "each is counted once");
    jobs.forEach(job -> calls().cancel(CancelRequest.newBuilder().setJobId(job).build()));
    assertTrue(stream.answered(some));
    for (int i = 0; i <= MANY; i++) {
      stream.watch(jobs);
      assertTrue(stream.answered(some), "not counted any more");
    }
    stream.cancel();
  }
}
