package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.server.access.Role;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that call and do not read the answers, of 1 MB each: a connection may have four of them,
/// and all together eight.
@Timeout(120)
class UnreadAnswersTest {
  private static final int ANSWER_BYTES = 1_000_000;
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static JobServiceGrpc.@Nullable JobServiceBlockingStub neighbour;
  private static String secret = "";
  private static String large = "";

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    secret = fortress.token(Set.of(Role.CLIENT));
    neighbour =
        JobServiceGrpc.newBlockingStub(fortress.channel())
            .withCallCredentials(Fortress.bearer(secret));
    var args =
        Payload.newBuilder()
            .setData(ByteString.copyFromUtf8('"' + "x".repeat(ANSWER_BYTES - 2) + '"'));
    large = enqueue(EnqueueRequest.newBuilder().setFunction("large").setArgs(args).build());
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private static JobServiceGrpc.JobServiceBlockingStub neighbour() {
    return Objects.requireNonNull(neighbour).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static String enqueue(EnqueueRequest job) {
    return neighbour().enqueue(job).getJobId();
  }

  private static int argsOf(String job) {
    var got = neighbour().get(GetRequest.newBuilder().setJobId(job).build());
    return got.getJob().getArgs().getData().size();
  }

  private static StalledClient stalled() throws IOException {
    return new StalledClient(Objects.requireNonNull(fortress), secret);
  }

  /// Calls of `Get` on the streams from `first`.
  private static void get(StalledClient client, int first, int calls) throws IOException {
    var request = GetRequest.newBuilder().setJobId(large).build();
    for (int i = 0; i < calls; i++) {
      client.open(first + 2 * i, JobServiceGrpc.getGetMethod());
      client.send(first + 2 * i, RawHttp2.END_STREAM, request);
    }
  }

  @Test
  void aConnectionThatDoesNotReadIsRefusedMoreUntilItReads() throws Exception {
    try (var client = stalled()) {
      get(client, 1, 30);
      var refused = client.ended(26);
      assertEquals(ANSWER_BYTES, argsOf(large), "others are served");
      var held =
          IntStream.range(0, 30).map(i -> 2 * i + 1).filter(id -> !refused.contains(id)).boxed();
      int one = held.findFirst().orElseThrow();
      client.grant(one, 2 * ANSWER_BYTES);
      assertEquals(List.of(one), client.ended(1), "answered after all");
      get(client, 61, 3);
      assertEquals(2, client.ended(2).size(), "one of them has the room that came free");
    }
  }

  @Test
  void whatAllConnectionsDoNotReadIsBoundAsWellAndFreedWithThem() throws Exception {
    try (var one = stalled();
        var other = stalled();
        var third = stalled()) {
      get(one, 1, 10);
      get(other, 1, 10);
      one.ended(6);
      other.ended(6);
      assertEquals(ANSWER_BYTES, argsOf(large), "whoever reads may have one while there is room");
      get(third, 1, 10);
      third.ended(9);
      var refusal = assertThrows(StatusRuntimeException.class, () -> argsOf(large));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.getStatus().getCode());
      String small = enqueue(EnqueueRequest.newBuilder().setFunction("small").build());
      assertEquals(0, argsOf(small), "small answers pass");
      assertEquals(36, enqueue(EnqueueRequest.newBuilder().setFunction("small").build()).length());
    }
    assertEquals(ANSWER_BYTES, sizeOnceThereIsRoom());
  }

  /// Their calls end a moment after their connections.
  private static int sizeOnceThereIsRoom() {
    while (true) {
      try {
        return argsOf(large);
      } catch (StatusRuntimeException e) {
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
      }
    }
  }
}
