package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.reseolio.proto.v1.Complete;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Outcomes;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.ResultRequest;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse.MessageCase;
import dev.reseolio.server.access.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Streams of results that are not read.
@Timeout(120)
class UnreadResultsTest {
  private static final int RESULT_BYTES = 1_000_000;
  private static final int MANY = 12;
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static JobServiceGrpc.@Nullable JobServiceBlockingStub neighbour;
  private static String secret = "";
  private static List<String> large = List.of();

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    secret = fortress.token(Set.of(Role.CLIENT, Role.WORKER));
    neighbour =
        JobServiceGrpc.newBlockingStub(fortress.channel())
            .withCallCredentials(Fortress.bearer(secret));
    var worker = Wire.open(fortress.channel(), secret, "large");
    worker.next(MessageCase.WELCOME);
    large = List.of(ended(worker), ended(worker), ended(worker));
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private static JobServiceGrpc.JobServiceBlockingStub neighbour() {
    return Objects.requireNonNull(neighbour).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /// A job whose result has a megabyte.
  private static String ended(Wire worker) throws Exception {
    var job = neighbour().enqueue(EnqueueRequest.newBuilder().setFunction("large").build());
    var lease = worker.next(MessageCase.RUNS).getRuns().getRuns(0).getLease();
    var result =
        Payload.newBuilder()
            .setData(ByteString.copyFromUtf8('"' + "x".repeat(RESULT_BYTES - 2) + '"'));
    var complete = Complete.newBuilder().setResult(result);
    worker.send(outcomes(Outcome.newBuilder().setLease(lease).setComplete(complete).build(), 1));
    assertEquals(RESULT_BYTES, resultOf(job.getJobId()));
    return job.getJobId();
  }

  private static WorkRequest outcomes(Outcome outcome, int times) {
    var all = Outcomes.newBuilder().addAllOutcomes(Collections.nCopies(times, outcome));
    return WorkRequest.newBuilder().setOutcomes(all).build();
  }

  private static int resultOf(String job) {
    var answer = neighbour().result(ResultRequest.newBuilder().setJobId(job).build());
    return answer.getResult().getResult().getData().size();
  }

  private static StalledClient stalled() throws IOException {
    return new StalledClient(Objects.requireNonNull(fortress), secret);
  }

  private static void watch(StalledClient client, int stream) throws IOException {
    client.open(stream, JobServiceGrpc.getWatchResultsMethod());
    client.send(stream, 0, WatchResultsRequest.newBuilder().addAllJobIds(large).build());
  }

  @Test
  void resultsThatManyStreamsDoNotReadEndThem() throws Exception {
    try (var client = stalled()) {
      for (int i = 0; i < MANY; i++) {
        watch(client, 2 * i + 1);
      }
      assertEquals(MANY - 5, client.ended(MANY - 5).size(), "four megabytes, and the last one");
      assertEquals(RESULT_BYTES, resultOf(large.getFirst()), "others are served");
    }
  }

  @Test
  void oneStreamThatIsReadSlowlyGetsAllItsResults() throws Exception {
    try (var client = stalled()) {
      watch(client, 1);
      for (int read = 0; read < large.size() * RESULT_BYTES; read += 100_000) {
        client.grant(1, 100_000);
        client.read(100_000);
      }
    }
  }
}
