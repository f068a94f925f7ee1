package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.server.access.Role;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a client may send that means harm. After each, another client on a connection of its own
/// still enqueues.
@Timeout(120)
class HostileClientTest {
  private static final int MOST_CONNECTIONS = 40;
  private static final int MOST_CALLS = 100;
  private static final String ENQUEUE = "reseolio.v1.JobService/Enqueue";
  private static final String WORK = "/reseolio.v1.WorkerService/Work";
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static JobServiceGrpc.@Nullable JobServiceBlockingStub neighbour;
  private static String secret = "";

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir, "--max-connections=" + MOST_CONNECTIONS);
    secret = fortress.token(Set.of(Role.CLIENT, Role.WORKER));
    neighbour =
        JobServiceGrpc.newBlockingStub(fortress.channel())
            .withCallCredentials(Fortress.bearer(secret));
    theNeighbourIsServed();
  }

  @AfterAll
  static void stop() {
    fort().close();
  }

  private static Fortress fort() {
    return Objects.requireNonNull(fortress);
  }

  @AfterEach
  void theNeighbourGoesOn() {
    theNeighbourIsServed();
  }

  private static void theNeighbourIsServed() {
    var id =
        Objects.requireNonNull(neighbour)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .enqueue(EnqueueRequest.newBuilder().setFunction("neighbour").build());
    assertEquals(36, id.getJobId().length());
  }

  private static RawHttp2 connect() throws IOException {
    return new RawHttp2(fort().grpcPort());
  }

  private static byte[] authorised(String path) throws IOException {
    return RawHttp2.call(path, "authorization", "Bearer " + secret);
  }

  private static Status.Code send(byte[] message) throws Exception {
    var options = CallOptions.DEFAULT.withCallCredentials(Fortress.bearer(secret));
    return new AnyCall(ENQUEUE, false, false).call(fort().channel(), options, message).getCode();
  }

  @Test
  void aFrameLargerThanAllowedEndsItsConnection() throws Exception {
    try (var raw = connect()) {
      raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, authorised(WORK));
      raw.head(0xFFFFFF, RawHttp2.DATA, 0, 1);
      raw.flush();
      assertEquals(2, raw.errorOf(RawHttp2.GOAWAY, 0).orElse(-1), "INTERNAL_ERROR");
    }
  }

  @Test
  void oneStreamTooManyIsRefusedAlone() throws Exception {
    try (var raw = connect()) {
      byte[] open = authorised(WORK);
      for (int i = 0; i <= MOST_CALLS; i++) {
        raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, open);
      }
      raw.flush();
      theNeighbourIsServed();
      int refused = raw.errorOf(RawHttp2.RST_STREAM, 2 * MOST_CALLS + 1).orElse(-1);
      assertEquals(7, refused, "REFUSED_STREAM");
    }
  }

  @Test
  void aHeaderLargerThanAllowedIsRefused() throws Exception {
    try (var raw = connect()) {
      byte[] block = RawHttp2.call("/" + ENQUEUE, "x-large", "x".repeat(15_000));
      raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, block);
      raw.flush();
      assertTrue(raw.errorOf(RawHttp2.HEADERS, 1).isPresent(), "an answer, and the connection");
    }
  }

  /// Few bytes that name the same large header of the table again and again.
  @Test
  void aHeaderBombDoesNotUnfold() throws Exception {
    try (var raw = connect()) {
      var block = new ByteArrayOutputStream();
      block.write(RawHttp2.call("/" + ENQUEUE));
      block.write(new byte[] {0x40, 1, 'x', 127, (byte) 0xB9, 22});
      block.write(new byte[3000]);
      byte[] again = new byte[12_000];
      Arrays.fill(again, (byte) 0xBE);
      block.write(again);
      raw.frame(
          RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, block.toByteArray());
      raw.flush();
      long before = used();
      raw.errorOf(RawHttp2.GOAWAY, 0);
      assertTrue(used() - before < 64 << 20, "36 MB of headers were not built");
    }
  }

  private static long used() {
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void streamsOpenedAndResetAtOnceHarmNobodyElse() throws Exception {
    try (var raw = connect()) {
      byte[] open = authorised(WORK);
      byte[] cancel = {0, 0, 0, 8};
      for (int i = 0; i < 20_000; i++) {
        raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, open);
        raw.frame(RawHttp2.RST_STREAM, 0, 2 * i + 1, cancel);
      }
      raw.flush();
    } catch (IOException ended) {
      assertFalse(String.valueOf(ended.getMessage()).isEmpty(), "the server may well hang up");
    }
  }

  @Test
  void whatIsNoProtobufFailsItsOwnCallOnly() throws Exception {
    byte[] junk = new byte[1000];
    new Random(7).nextBytes(junk);
    for (byte[] bad :
        List.of(junk, new byte[] {10, 127}, new byte[] {10, -1, -1, -1, -1, 7}, new byte[] {7})) {
      assertEquals(Status.Code.INVALID_ARGUMENT, send(bad));
    }
  }

  @Test
  void groupsNestedBeyondAnyReasonAreRefused() throws Exception {
    byte[] deep = new byte[1_000_000];
    Arrays.fill(deep, (byte) 0xA3);
    for (int i = 1; i < deep.length; i += 2) {
      deep[i] = 6;
    }
    assertEquals(Status.Code.INVALID_ARGUMENT, send(deep));
  }

  @Test
  void aMessageThatClaimsTwoGigabytesIsRefusedByItsHead() throws Exception {
    try (var raw = connect()) {
      raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, authorised("/" + ENQUEUE));
      raw.frame(RawHttp2.DATA, 0, 1, new byte[] {0, 127, -1, -1, -1, 1, 2, 3});
      raw.flush();
      assertEquals(2, raw.errorOf(RawHttp2.RST_STREAM, 1).orElse(-1), "INTERNAL_ERROR");
    }
    // What grpc-okhttp makes of it; the SDKs refuse such arguments before they send them.
    assertEquals(Status.Code.INTERNAL, send(new byte[(16 << 20) + 1]));
  }

  @Test
  void moreConnectionsThanAllowedAreClosedAtOnceAndTheirPlacesComeFree() throws Exception {
    var open = new ArrayList<Socket>();
    try {
      int refused = 0;
      for (int i = 0; i < 2 * MOST_CONNECTIONS; i++) {
        var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), fort().grpcPort());
        socket.setSoTimeout(20_000);
        open.add(socket);
      }
      for (Socket socket : open) {
        socket
            .getOutputStream()
            .write(
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.US_ASCII));
        refused += ended(socket) ? 1 : 0;
      }
      assertTrue(refused >= MOST_CONNECTIONS, "refused " + refused);
      theNeighbourIsServed();
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    assertEquals(Status.Code.OK, eventuallyServed());
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  private static Status.Code eventuallyServed() throws Exception {
    var options =
        CallOptions.DEFAULT.withCallCredentials(Fortress.bearer(secret)).withWaitForReady();
    byte[] job = EnqueueRequest.newBuilder().setFunction("later").build().toByteArray();
    return new AnyCall(ENQUEUE, false, false).call(fort().channel(), options, job).getCode();
  }
}
