package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.reseolio.proto.v1.Backoff;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobOptions;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.server.access.Role;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Messages of 16 MB and less that would become hundreds of megabytes of objects.
@Timeout(120)
class ParseBombTest {
  private static final AnyCall ENQUEUE =
      new AnyCall("reseolio.v1.JobService/Enqueue", false, false);
  private static final AnyCall BATCH =
      new AnyCall("reseolio.v1.JobService/EnqueueBatch", false, false);
  private static final AnyCall STREAM =
      new AnyCall("reseolio.v1.JobService/EnqueueStream", true, true);
  private static final AnyCall WATCH =
      new AnyCall("reseolio.v1.JobService/WatchResults", true, true);
  private static final AnyCall LIST = new AnyCall("reseolio.v1.JobService/List", false, false);
  private static final AnyCall WORK = new AnyCall("reseolio.v1.WorkerService/Work", true, true);

  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static CallOptions options = CallOptions.DEFAULT;

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    String secret = fortress.token(Set.of(Role.CLIENT, Role.WORKER));
    options = options.withCallCredentials(Fortress.bearer(secret));
  }

  @AfterAll
  static void stop() {
    fort().close();
  }

  private static Fortress fort() {
    return Objects.requireNonNull(fortress);
  }

  static Stream<Arguments> bombs() {
    byte[] million = repeated(500_000, 18, 0);
    return Stream.of(
        argumentSet("empty jobs", BATCH, repeated(8_000_000, 10, 0)),
        argumentSet("empty jobs on a stream", STREAM, repeated(8_000_000, 18, 0)),
        argumentSet("empty tags", ENQUEUE, repeated(8_000_000, 74, 0)),
        argumentSet(
            "empty tags of a job of a batch", BATCH, delimited(10, repeated(7_000_000, 74, 0))),
        argumentSet("ids", WATCH, repeated(5_000_000, 10, 1, 'x')),
        argumentSet("statuses in a row", LIST, delimited(10, repeated(16_000_000, 1))),
        argumentSet("statuses one by one", LIST, repeated(8_000_000, 8, 1)),
        argumentSet("functions of a worker", WORK, delimited(10, repeated(7_000_000, 58, 0))),
        argumentSet("outcomes", WORK, delimited(34, repeated(7_000_000, 10, 0))),
        argumentSet("leases to resume", WORK, delimited(10, delimited(74, million))),
        argumentSet("one text", ENQUEUE, delimited(10, repeated(16_000_000, 'x'))));
  }

  private static byte[] repeated(int times, int... bytes) {
    byte[] all = new byte[times * bytes.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) bytes[i % bytes.length];
    }
    return all;
  }

  private static byte[] delimited(int tag, byte[] content) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(tag);
    varint(bytes, content.length);
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  private static void varint(ByteArrayOutputStream to, int value) {
    int rest = value;
    for (; rest > 127; rest >>>= 7) {
      to.write((rest & 127) | 128);
    }
    to.write(rest);
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void isRefusedBeforeItIsParsed(AnyCall call, byte[] message) throws Exception {
    Status status = call.call(fort().channel(), options, message);
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode(), status::toString);
    String why = String.valueOf(status.getDescription());
    assertTrue(why.contains("once it is parsed"), why);
  }

  /// A newer client may send some; nobody has use for millions.
  @Test
  void fieldsThatAreNotKnownAreNotKept() throws Exception {
    var message = new ByteArrayOutputStream();
    message.writeBytes(EnqueueRequest.newBuilder().setFunction("unknown").build().toByteArray());
    for (int number = 1000; number < 2_000_000; number++) {
      varint(message, number << 3);
      message.write(1);
    }
    assertEquals(
        Status.Code.OK, ENQUEUE.call(fort().channel(), options, message.toByteArray()).getCode());
  }

  @Test
  void aLargeMessageThatIsNoProtobufIsRefusedAsASmallOneIs() throws Exception {
    for (byte[] bad : new byte[][] {repeated(1_000_000, 7), delimited(10, new byte[1_000_000])}) {
      Status status = BATCH.call(fort().channel(), options, bad);
      assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode(), status::toString);
    }
  }

  @Test
  void compressedMessagesAreRefused() {
    var refusal =
        Assertions.assertThrows(
            StatusRuntimeException.class,
            () ->
                JobServiceGrpc.newBlockingStub(fort().channel())
                    .withCallCredentials(options.getCredentials())
                    .withCompression("gzip")
                    .enqueue(EnqueueRequest.newBuilder().setFunction("zipped").build()));
    assertEquals(Status.Code.UNIMPLEMENTED, refusal.getStatus().getCode());
  }

  @Test
  void theLargestBatchWithAllOptionsPasses() {
    var job =
        EnqueueRequest.newBuilder()
            .setFunction("bombs:none:batch")
            .setOptions(
                JobOptions.newBuilder()
                    .setQueue("queue")
                    .setMaxAttempts(3)
                    .setBackoff(Backoff.newBuilder().setFactor(2)))
            .addAllTags(IntStream.range(0, 8).mapToObj(i -> "tag:number:" + i).toList())
            .build();
    var batch =
        EnqueueBatchRequest.newBuilder().addAllJobs(Collections.nCopies(10_000, job)).build();
    var answer =
        JobServiceGrpc.newBlockingStub(fort().channel())
            .withCallCredentials(options.getCredentials())
            .enqueueBatch(batch);
    assertEquals(10_000, answer.getResultsList().stream().filter(one -> one.hasEnqueued()).count());
  }
}
