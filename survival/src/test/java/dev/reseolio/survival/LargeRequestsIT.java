package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.CallOnly;
import dev.reseolio.proto.v1.JobServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Large requests, many at a time, at a sidecar with its own heap of 64 MB: each is served in its
/// turn, or refused, and work goes on.
@Timeout(300)
class LargeRequestsIT {
  private static final int CLIENTS = 32;
  private static final int CALLS_OF_ONE = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int CALLS = HostileClientIT.CALLS;
  private static final String ENQUEUE = "/reseolio.v1.JobService/Enqueue";
  private static final MethodDescriptor<byte[], byte[]> BATCHES =
      JobServiceGrpc.getEnqueueBatchMethod().toBuilder(
              HostileClientIT.Bytes.INSTANCE, HostileClientIT.Bytes.INSTANCE)
          .build();
  private static final String LARGE = "quick" + " ".repeat(1_000_000);

  /// 256 MB of arguments, while another session has locked the tables.
  @Test
  void manyClientsOfAStalledDatabaseAreHeldBack() throws Exception {
    try (var scene = new Scene("21-large")) {
      Node node = scene.nodes(1).getFirst();
      scene.workers(node);
      List<CallOnly> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(scene.client(node, PATIENCE));
      }
      List<CompletableFuture<?>> calls = new ArrayList<>();
      try (Connection other = scene.database().connect()) {
        lock(other);
        for (CallOnly client : clients) {
          for (int i = 0; i < CALLS_OF_ONE; i++) {
            calls.add(scene.calls().call(client, Scene.FUNCTION, LARGE));
          }
        }
        scene.longs("SELECT 0 FROM pg_sleep(8)"); // So long they are locked.
        other.rollback();
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
          .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
      assertEquals(CLIENTS * CALLS_OF_ONE, scene.calls().acknowledged().size());
      assertTrue(node.alive());
      scene.check(0);
    }
  }

  private static void lock(Connection session) throws SQLException {
    session.setAutoCommit(false);
    try (var lock = session.createStatement()) {
      lock.execute("LOCK TABLE reseolio.job, reseolio.done IN ACCESS EXCLUSIVE MODE");
    }
  }

  /// 180 MB of them.
  @Test
  void callsOfOneConnectionAreRefused() throws Exception {
    HostileClientIT.survives(
        "22-calls",
        channel ->
            HostileClientIT.awaitRefusals(
                HostileClientIT.flood(channel, BATCHES, List.of(new byte[2_000_000]), CALLS),
                CALLS - 10));
  }

  @Test
  void theLargestRequestGetsIn() throws Exception {
    HostileClientIT.survives(
        "23-largest",
        channel ->
            assertEquals(
                Status.Code.INVALID_ARGUMENT,
                HostileClientIT.send(channel, new byte[16_000_000]).getCode()));
  }

  /// 28 MB of requests that do not end, from connections that never say another word.
  @Test
  void whoseRequestsDoNotComeKeepsOthersOutForTheirTurnOnly() throws Exception {
    survivesRaw("24-endless", 5, 8_000);
  }

  @Test
  void verySmallFramesAreCounted() throws Exception {
    survivesRaw("25-frames", 1, 700);
  }

  private static void begin(RawStreams raw, int frame) throws IOException {
    try {
      raw.unfinished(ENQUEUE, CALLS, frame);
    } catch (SocketException closed) {
      // By the sidecar, which has enough.
    }
  }

  private static void survivesRaw(String name, int connections, int frame) throws Exception {
    try (var scene = new Scene(name)) {
      Node node = scene.nodes(1).getFirst();
      scene.workers(node);
      CallOnly client = scene.client(node, PATIENCE);
      List<RawStreams> raw = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        raw.add(new RawStreams(node));
        begin(raw.getLast(), frame);
      }
      scene.calls().call(client, Scene.FUNCTION, LARGE).join().result(PATIENCE);
      assertTrue(node.alive());
      for (RawStreams one : raw) {
        one.close();
      }
      scene.check(0);
    }
  }
}
