package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.ListRequest;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.server.access.Role;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Batches and streams of clients that do not read the answers. A job without a function is
/// refused, and that is a hundred bytes of answer for two.
@Timeout(120)
class UnreadBatchesTest {
  private static final int MANY = 12;
  private static final AnyCall WATCH =
      new AnyCall("reseolio.v1.JobService/WatchResults", true, true);
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static JobServiceGrpc.@Nullable JobServiceBlockingStub neighbour;
  private static String secret = "";

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    secret = fortress.token(Set.of(Role.CLIENT));
    neighbour =
        JobServiceGrpc.newBlockingStub(fortress.channel())
            .withCallCredentials(Fortress.bearer(secret));
    theNeighbourIsServed();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private static JobServiceGrpc.JobServiceBlockingStub neighbour() {
    return Objects.requireNonNull(neighbour).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static void theNeighbourIsServed() {
    assertEquals(36, neighbour().enqueue(job("neighbour")).getJobId().length());
  }

  private static EnqueueRequest job(String function) {
    return EnqueueRequest.newBuilder().setFunction(function).build();
  }

  private static Iterable<EnqueueRequest> refusedJobs(int count) {
    return Collections.nCopies(count, EnqueueRequest.getDefaultInstance());
  }

  private static StalledClient stalled() throws IOException {
    return new StalledClient(Objects.requireNonNull(fortress), secret);
  }

  @Test
  void batchesWithoutRoomForTheirAnswersAreRefused() throws Exception {
    var batch = EnqueueBatchRequest.newBuilder().addAllJobs(refusedJobs(10_000)).build();
    try (var client = stalled()) {
      for (int i = 0; i < MANY; i++) {
        client.open(2 * i + 1, JobServiceGrpc.getEnqueueBatchMethod());
        client.send(2 * i + 1, RawHttp2.END_STREAM, batch);
      }
      assertEquals(MANY - 4, client.ended(MANY - 4).size(), "four of a megabyte each may wait");
      theNeighbourIsServed();
    }
  }

  @Test
  void streamsWithoutRoomForTheirAnswersEnd() throws Exception {
    var batch = EnqueueStreamRequest.newBuilder().addAllJobs(refusedJobs(10_000)).build();
    try (var client = stalled()) {
      for (int i = 0; i < MANY; i++) {
        client.open(2 * i + 1, JobServiceGrpc.getEnqueueStreamMethod());
        client.send(2 * i + 1, 0, batch);
      }
      assertEquals(MANY - 4, client.ended(MANY - 4).size(), "four of a megabyte each may wait");
      theNeighbourIsServed();
    }
  }

  @Test
  void aStreamIsReadOnWhenItsAnswersHaveBeenRead() throws Exception {
    var refused = EnqueueStreamRequest.newBuilder().addAllJobs(refusedJobs(1_000)).build();
    try (var client = stalled()) {
      client.open(1, JobServiceGrpc.getEnqueueStreamMethod());
      client.send(1, 0, refused);
      client.send(1, 0, EnqueueStreamRequest.newBuilder().addJobs(job("held:back")).build());
      for (int i = 0; i < 50; i++) {
        theNeighbourIsServed(); // Each of them would have let it through.
      }
      assertTrue(jobsOf("held:back").isEmpty(), "nothing is done for who does not read");
      client.grant(1, 1 << 20);
      while (jobsOf("held:back").isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }

  private static java.util.List<?> jobsOf(String function) {
    return neighbour().list(ListRequest.newBuilder().setFunction(function).build()).getJobsList();
  }

  @Test
  void idsThatAreSentBackAreBound() throws Exception {
    var many = WatchResultsRequest.newBuilder();
    many.addAllJobIds(Collections.nCopies(10_001, "x"));
    assertEquals(Status.Code.INVALID_ARGUMENT, watch(many).getCode());
    var longer = WatchResultsRequest.newBuilder().addJobIds("x".repeat(256));
    assertEquals(Status.Code.INVALID_ARGUMENT, watch(longer).getCode());
    var longest = WatchResultsRequest.newBuilder().addJobIds("x".repeat(255));
    assertEquals(Status.Code.OK, watch(longest).getCode());
  }

  private static Status watch(WatchResultsRequest.Builder request) throws Exception {
    var options = CallOptions.DEFAULT.withCallCredentials(Fortress.bearer(secret));
    var channel = Objects.requireNonNull(fortress).channel();
    return WATCH.call(channel, options, request.build().toByteArray());
  }
}
