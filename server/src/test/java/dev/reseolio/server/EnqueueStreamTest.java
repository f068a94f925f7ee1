package dev.reseolio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.embedded.EmbeddedPostgresException;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.server.config.ConfigLoader;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Batches over one stream, against a real sidecar.
@Timeout(60)
class EnqueueStreamTest {
  @TempDir static Path database;
  @TempDir static Path dir;
  private static @Nullable EmbeddedPostgres postgres;
  private static Sidecar.@Nullable Started started;
  private static @Nullable ManagedChannel channel;

  private final BlockingQueue<EnqueueStreamResponse> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> ended = new CompletableFuture<>();

  @BeforeAll
  static void start() throws EmbeddedPostgresException, StartException {
    postgres = EmbeddedPostgres.builder(database).setting("fsync", "off").start();
    List<String> arguments =
        List.of("--storage=" + postgres.url(), "--http-address=off", "--address=127.0.0.1:0");
    started = Sidecar.start(ConfigLoader.load(arguments, Map.of(), dir));
    channel =
        OkHttpChannelBuilder.forTarget(started.ready().grpc().toString()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(channel).shutdownNow();
    Objects.requireNonNull(started).sidecar().close();
    Objects.requireNonNull(postgres).close();
  }

  private StreamObserver<EnqueueStreamRequest> open() {
    return JobServiceGrpc.newStub(Objects.requireNonNull(channel))
        .enqueueStream(
            new StreamObserver<>() {
              @Override
              public void onNext(EnqueueStreamResponse answer) {
                answers.add(answer);
              }

              @Override
              public void onError(Throwable error) {
                ended.complete(Status.fromThrowable(error));
              }

              @Override
              public void onCompleted() {
                ended.complete(Status.OK);
              }
            });
  }

  private EnqueueStreamResponse next() throws InterruptedException {
    return Objects.requireNonNull(answers.poll(20, TimeUnit.SECONDS), "no answer came");
  }

  private static EnqueueRequest job(String function) {
    return EnqueueRequest.newBuilder().setFunction(function).build();
  }

  private static EnqueueStreamRequest batch(int number, EnqueueRequest... jobs) {
    return EnqueueStreamRequest.newBuilder()
        .setNumber(number)
        .addAllJobs(List.of(jobs))
        .setTimeout(Duration.newBuilder().setSeconds(20))
        .build();
  }

  @Test
  void eachBatchIsAnsweredOnceWithAResultForEachJobInOrder() throws Exception {
    StreamObserver<EnqueueStreamRequest> requests = open();
    requests.onNext(batch(7, job("stream:a"), job(""), job("stream:b")));
    EnqueueStreamResponse answer = next();
    assertEquals(7, answer.getNumber());
    assertEquals(3, answer.getResultsCount());
    assertTrue(answer.getResults(0).hasEnqueued());
    assertEquals("invalid_argument", answer.getResults(1).getError().getReason());
    assertTrue(answer.getResults(2).hasEnqueued());
    requests.onNext(batch(8));
    assertEquals(0, next().getResultsCount());
    requests.onCompleted();
    assertEquals(Status.Code.OK, ended.get(20, TimeUnit.SECONDS).getCode());
  }

  @Test
  void aKeyIsTheSameJobInEveryBatch() throws Exception {
    EnqueueRequest keyed = job("stream:keyed").toBuilder().setIdempotencyKey("k").build();
    StreamObserver<EnqueueStreamRequest> requests = open();
    requests.onNext(batch(1, keyed));
    String id = next().getResults(0).getEnqueued().getJobId();
    requests.onNext(batch(2, keyed));
    var second = next().getResults(0).getEnqueued();
    assertEquals(id, second.getJobId());
    assertTrue(second.getDeduplicated());
    requests.onCompleted();
  }

  @Test
  void whatIsUnderWayWhenTheClientHasNothingMoreToSendIsStillAnswered() throws Exception {
    StreamObserver<EnqueueStreamRequest> requests = open();
    for (int number = 1; number <= 50; number++) {
      requests.onNext(batch(number, job("stream:last")));
    }
    requests.onCompleted();
    assertEquals(Status.Code.OK, ended.get(20, TimeUnit.SECONDS).getCode());
    assertEquals(50, answers.size());
  }

  @Test
  void anAbsurdTimeLimitEndsTheStreamWithAReason() throws Exception {
    StreamObserver<EnqueueStreamRequest> requests = open();
    requests.onNext(
        batch(1, job("stream:a")).toBuilder()
            .setTimeout(Duration.newBuilder().setSeconds(Long.MAX_VALUE))
            .build());
    Status status = ended.get(20, TimeUnit.SECONDS);
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertFalse(String.valueOf(status.getDescription()).isEmpty());
  }
}
