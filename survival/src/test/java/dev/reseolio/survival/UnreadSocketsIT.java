package dev.reseolio.survival;

import dev.reseolio.CallOnly;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.GetRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Connections whose sockets are never read, against a sidecar with its own heap of 64 MB: it lets
/// go of them, and the work of others goes on meanwhile.
@Timeout(300)
class UnreadSocketsIT {
  private static final int STREAMS = HostileClientIT.CALLS;
  private static final String GET = "/reseolio.v1.JobService/Get";
  private static final String ENQUEUE_STREAM = "/reseolio.v1.JobService/EnqueueStream";
  private static final String LARGE = "quick" + " ".repeat(1_000_000);

  /// A batch of no jobs: with its prefix it has seven bytes.
  private static final byte[] SMALLEST =
      RawStreams.prefixed(EnqueueStreamRequest.newBuilder().setNumber(1).build());

  /// 90 MB of answers.
  @Test
  void answersThatTheWindowLetsThroughAreBound() throws Exception {
    survives("26-window", 1, (raw, job) -> get(raw, job, STREAMS));
  }

  /// 200 MB of them, 10 for each connection.
  @Test
  void answersThatManyWindowsLetThroughAreBound() throws Exception {
    survives("27-windows", 20, (raw, job) -> get(raw, job, 10));
  }

  private static void get(RawStreams raw, String job, int calls) throws IOException {
    raw.grant(Integer.MAX_VALUE);
    raw.calls(GET, calls, GetRequest.newBuilder().setJobId(job).build());
  }

  /// 770 000 messages of 7 bytes, each in a frame of its own.
  @Test
  void smallMessagesThatAreNotAskedForAreBound() throws Exception {
    var messages = ByteBuffer.allocate(60_000 / SMALLEST.length * SMALLEST.length);
    while (messages.hasRemaining()) {
      messages.put(SMALLEST);
    }
    survives(
        "28-messages",
        1,
        (raw, job) -> {
          stall(raw);
          raw.more(STREAMS, messages.array(), SMALLEST.length);
        });
  }

  /// 5 MB in frames of one byte.
  @Test
  void bytesThatAreNotAskedForAreBound() throws Exception {
    byte[] unfinished = ByteBuffer.allocate(60_000).put((byte) 0).putInt(60_000).array();
    survives(
        "29-bytes",
        1,
        (raw, job) -> {
          stall(raw);
          raw.more(STREAMS, unfinished, 1);
        });
  }

  /// 1.8 million frames, 16 MB.
  @Test
  void framesWithoutDataAreBound() throws Exception {
    survives(
        "35-empty",
        1,
        (raw, job) -> {
          stall(raw);
          raw.empty(STREAMS, 20_000);
        });
  }

  /// A million calls of a method that is not there. Each is answered with its name, in headers
  /// only.
  @Test
  void answersWithoutDataAreBound() throws Exception {
    survives(
        "36-unknown",
        1,
        (raw, job) -> {
          raw.grant(Integer.MAX_VALUE);
          raw.halfClosed("/no.Service/" + "x".repeat(4_000), 50_000);
        });
  }

  /// Streams with an answer of 40 kB that are not asked for more until it is read. All those
  /// answers together find their room.
  private static void stall(RawStreams raw) throws IOException {
    raw.grant(0);
    var refused = Collections.nCopies(400, EnqueueRequest.getDefaultInstance());
    raw.streams(
        ENQUEUE_STREAM, STREAMS, EnqueueStreamRequest.newBuilder().addAllJobs(refused).build());
  }

  private interface Attack {
    /// @param job has arguments of 1 MB
    void run(RawStreams raw, String job) throws IOException;
  }

  private static void survives(String name, int connections, Attack attack) throws Exception {
    HostileClientIT.survives(
        name,
        (scene, node, channel) -> {
          CallOnly client = scene.client(node);
          var job = scene.calls().call(client, Scene.FUNCTION, LARGE).join();
          job.result(HostileClientIT.SOON);
          double others = connections(node);
          List<RawStreams> raw = connect(node, connections);
          Await.until(
              "all are connected",
              HostileClientIT.SOON,
              () -> connections(node) >= others + connections);
          Load load = scene.load(20, client);
          try {
            raw.forEach(one -> Thread.startVirtualThread(() -> attack(one, job.id(), attack)));
            Await.until(
                "it lets go of them", HostileClientIT.SOON, () -> connections(node) <= others);
          } finally {
            for (RawStreams one : raw) {
              one.close();
            }
          }
          load.close();
          scene.check(0);
        });
  }

  private static List<RawStreams> connect(Node node, int connections) throws IOException {
    List<RawStreams> raw = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      raw.add(new RawStreams(node));
    }
    return raw;
  }

  /// Goes as far as it may: the sidecar reads no more, or closes.
  private static void attack(RawStreams raw, String job, Attack attack) {
    try {
      attack.run(raw, job);
    } catch (IOException closed) {
      // By the sidecar, or at the end of the test.
    }
  }

  private static double connections(Node node) throws InterruptedException {
    return HostileClientIT.metric(node, "reseolio_connections");
  }
}
