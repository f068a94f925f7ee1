package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.reseolio.CallOnly;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.ResultRequest;
import dev.reseolio.proto.v1.WatchResultsRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What would fill the memory of a sidecar with its own heap of 64 MB: after each, work goes on.
@Timeout(300)
class HostileClientIT {
  static final int CALLS = 90;
  static final Duration SOON = Duration.ofSeconds(60);

  /// A client that has nothing to read with.
  static ManagedChannel connect(Node node) {
    return OkHttpChannelBuilder.forTarget("dns:///" + node.address())
        .usePlaintext()
        .flowControlWindow(65_535)
        .build();
  }

  interface Attack {
    void run(ManagedChannel channel) throws Exception;
  }

  /// An attack that needs more than a connection.
  interface AttackOnScene {
    void run(Scene scene, Node node, ManagedChannel channel) throws Exception;
  }

  static void survives(String name, Attack attack) throws Exception {
    survives(name, (scene, node, channel) -> attack.run(channel));
  }

  static void survives(String name, AttackOnScene attack) throws Exception {
    try (var scene = new Scene(name)) {
      Node node = scene.nodes(1).getFirst();
      scene.workers(node);
      CallOnly client = scene.client(node);
      call(scene, client);
      var channel = connect(node);
      try {
        attack.run(scene, node, channel);
        call(scene, client);
        assertTrue(node.alive());
      } finally {
        channel.shutdownNow();
      }
    }
  }

  static void call(Scene scene, CallOnly client) {
    scene.calls().call(client, Scene.FUNCTION, "quick").join().result(SOON);
  }

  static void assertAlive(Node node) throws InterruptedException {
    assertEquals("alive", node.alive() ? "alive" : "ended with status " + node.exitCode());
  }

  /// Not a number: the sidecar lives, but does not answer.
  static double metric(Node node, String name) throws InterruptedException {
    assertAlive(node);
    try {
      return node.metric(name);
    } catch (IOException busy) {
      return Double.NaN;
    }
  }

  @Test
  void messagesThatWouldUnfoldAreRefused() throws Exception {
    List<byte[]> bombs = new ArrayList<>();
    byte[] jobs = new byte[16_000_000];
    for (int i = 0; i < jobs.length; i += 2) {
      jobs[i] = 10;
    }
    bombs.add(jobs);
    byte[] text = "ж".repeat(8_000_000).getBytes(StandardCharsets.UTF_8);
    bombs.add(EnqueueRequest.newBuilder().setFunctionBytes(utf8(text)).build().toByteArray());
    survives(
        "10-unfolding",
        channel -> {
          for (byte[] bomb : bombs) {
            assertEquals(Status.Code.INVALID_ARGUMENT, send(channel, bomb).getCode());
          }
        });
  }

  private static ByteString utf8(byte[] text) {
    return UnsafeByteOperations.unsafeWrap(text);
  }

  static Status send(ManagedChannel channel, byte[] message) throws Exception {
    var method =
        JobServiceGrpc.getEnqueueBatchMethod().toBuilder(Bytes.INSTANCE, Bytes.INSTANCE).build();
    var ended = new CompletableFuture<Status>();
    var call = start(channel, method, ended);
    call.request(1);
    call.sendMessage(message);
    call.halfClose();
    return ended.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  static <Q, A> ClientCall<Q, A> start(
      ManagedChannel channel, MethodDescriptor<Q, A> method, CompletableFuture<Status> ended) {
    var call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    return call;
  }

  @Test
  void batchesWhoseAnswersAreNotReadAreRefused() throws Exception {
    var batch = EnqueueBatchRequest.newBuilder().addAllJobs(refusedJobs()).build();
    survives(
        "11-batches",
        channel -> {
          List<CompletableFuture<Status>> calls = new ArrayList<>();
          for (int i = 0; i < CALLS; i++) {
            var ended = new CompletableFuture<Status>();
            var call = start(channel, JobServiceGrpc.getEnqueueBatchMethod(), ended);
            call.sendMessage(batch);
            call.halfClose();
            calls.add(ended);
          }
          awaitRefusals(calls, CALLS - 10);
        });
  }

  @Test
  void streamsWhoseAnswersAreNotReadEnd() throws Exception {
    var batch = EnqueueStreamRequest.newBuilder().addAllJobs(refusedJobs()).build();
    survives(
        "12-streams",
        channel -> {
          var method = JobServiceGrpc.getEnqueueStreamMethod();
          awaitRefusals(flood(channel, method, Collections.nCopies(10, batch), CALLS), CALLS - 10);
        });
  }

  /// Few streams with large messages: very many small pieces would fill the memory as they come.
  @Test
  void idsThatAreSentBackAndNotReadAreBound() throws Exception {
    var ids =
        WatchResultsRequest.newBuilder()
            .addAllJobIds(Collections.nCopies(2_500, "x".repeat(250)))
            .build();
    survives(
        "13-ids",
        channel -> {
          var method = JobServiceGrpc.getWatchResultsMethod();
          awaitRefusals(flood(channel, method, Collections.nCopies(6, ids), 20), 10);
        });
  }

  /// 180 000 calls for a result that does not come for an hour.
  @Test
  void whoHasGoneWaitsForNothingAnyMore() throws Exception {
    survives(
        "14-gone",
        channel -> {
          var calls = JobServiceGrpc.newBlockingStub(channel);
          var job = EnqueueRequest.newBuilder().setFunction("survival:nobody:run").build();
          String id = calls.enqueue(job).getJobId();
          var anHour = com.google.protobuf.Duration.newBuilder().setSeconds(3_600);
          var wait = ResultRequest.newBuilder().setJobId(id).setWait(anHour).build();
          for (int i = 0; i < 2_000; i++) {
            List<ClientCall<?, ?>> waiting = new ArrayList<>();
            for (int k = 0; k < CALLS; k++) {
              var call =
                  start(channel, JobServiceGrpc.getResultMethod(), new CompletableFuture<>());
              call.sendMessage(wait);
              call.halfClose();
              waiting.add(call);
            }
            calls.get(GetRequest.newBuilder().setJobId(id).build()); // They are there by now.
            waiting.forEach(call -> call.cancel("enough", null));
          }
        });
  }

  private static Iterable<EnqueueRequest> refusedJobs() {
    return Collections.nCopies(10_000, EnqueueRequest.getDefaultInstance());
  }

  /// So many streams, each with these messages, and not one answer read.
  static <Q> List<CompletableFuture<Status>> flood(
      ManagedChannel channel, MethodDescriptor<Q, ?> method, List<Q> messages, int streams) {
    List<CompletableFuture<Status>> calls = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      var ended = new CompletableFuture<Status>();
      messages.forEach(start(channel, method, ended)::sendMessage);
      calls.add(ended);
    }
    return calls;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // It only counts.
  static void awaitRefusals(List<CompletableFuture<Status>> calls, int least) throws Exception {
    var refusals = new CountDownLatch(least);
    for (var call : calls) {
      call.thenAccept(status -> {
        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
          refusals.countDown();
        }
      });
    }
    assertTrue(refusals.await(SOON.toSeconds(), TimeUnit.SECONDS), () -> ends(calls));
  }

  private static String ends(List<CompletableFuture<Status>> calls) {
    return Arrays.toString(
        calls.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join).toArray());
  }

  enum Bytes implements Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
