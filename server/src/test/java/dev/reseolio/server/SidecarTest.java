package dev.reseolio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.embedded.EmbeddedPostgresException;
import dev.reseolio.server.config.Address;
import dev.reseolio.server.config.ConfigLoader;
import dev.reseolio.server.net.UnixChannels;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SidecarTest {
  @TempDir static Path database;
  private static @Nullable EmbeddedPostgres postgres;
  @TempDir Path dir;

  @BeforeAll
  static void startPostgres() throws EmbeddedPostgresException {
    postgres = EmbeddedPostgres.builder(database).setting("fsync", "off").start();
  }

  @AfterAll
  static void stopPostgres() {
    if (postgres != null) {
      postgres.close();
    }
  }

  private Sidecar.Started start(String... more) throws StartException {
    var arguments =
        Stream.concat(
                Stream.of(
                    "--storage=" + Objects.requireNonNull(postgres).url(),
                    "--http-address=127.0.0.1:0"),
                Stream.of(more))
            .toList();
    return Sidecar.start(ConfigLoader.load(arguments, Map.of(), dir));
  }

  private static ServingStatus health(ManagedChannel channel) {
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(Address address) {
    return OkHttpChannelBuilder.forTarget(address.toString()).usePlaintext().build();
  }

  @Test
  void servesGrpcAndHttpUntilItStops() throws Exception {
    var started = start("--address=127.0.0.1:0");
    var address = started.ready().grpc();
    try (var _ = started.sidecar()) {
      assertEquals(ServingStatus.SERVING, health(channel(address)));
      assertEquals(200, status(started, "/readyz"));
      assertTrue(
          started
              .ready()
              .line()
              .matches(
                  "\\{\"event\":\"ready\",\"address\":\"127.0.0.1:\\d+\",\"http\":\"127.0.0.1:\\d+\",\"pid\":\\d+,\"node\":\\d+}"));
    }
    assertThrows(StatusRuntimeException.class, () -> health(channel(address)));
  }

  @Test
  void servesGrpcOverAUnixSocket() throws Exception {
    var path = dir.resolve("r.sock");
    try (var _ = start("--address=unix:" + path).sidecar()) {
      assertEquals(ServingStatus.SERVING, health(UnixChannels.to(path)));
      assertThrows(StartException.class, () -> start("--address=unix:" + path));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aTakenAddressIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      for (var flag : List.of("--address=127.0.0.1:", "--http-address=127.0.0.1:")) {
        var free = flag.startsWith("--http") ? "--address=127.0.0.1:0" : "--pool-size=1";
        var refused =
            assertThrows(StartException.class, () -> start(free, flag + taken.getLocalPort()));
        assertEquals(StartException.ADDRESS_IN_USE, refused.reason());
        var message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("127.0.0.1:" + taken.getLocalPort()), message);
        assertTrue(message.contains(flag.substring(0, flag.indexOf('='))), message);
      }
    }
  }

  @Test
  void stopsWhenNobodyIsConnectedForLong() throws Exception {
    var started = start("--address=127.0.0.1:0");
    try (var sidecar = started.sidecar()) {
      var stop = new StopSignal();
      assertEquals(ServingStatus.SERVING, health(channel(started.ready().grpc())));
      IdleWatch.start(sidecar.connections(), Duration.ofMillis(50), stop);
      assertEquals("no connection for 50 ms", stop.await());
    }
  }

  @Test
  void aPortProbeDoesNotUpsetTheCountOfConnections() throws Exception {
    var started = start("--address=127.0.0.1:0");
    try (var sidecar = started.sidecar()) {
      var address = (InetSocketAddress) started.ready().grpc().socketAddress();
      for (int i = 0; i < 3; i++) {
        try (var probe = new Socket(address.getAddress(), address.getPort())) {
          probe.shutdownOutput();
          probe.getInputStream().readAllBytes();
        }
      }
      var stop = new StopSignal();
      IdleWatch.start(sidecar.connections(), Duration.ofMillis(50), stop);
      assertEquals("no connection for 50 ms", stop.await());
      assertEquals(0, sidecar.connections().open());
    }
  }

  private static int status(Sidecar.Started started, String path) throws IOException {
    var http = started.ready().http().orElseThrow();
    var uri = URI.create("http://127.0.0.1:" + http.getPort() + path);
    return ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode();
  }
}
