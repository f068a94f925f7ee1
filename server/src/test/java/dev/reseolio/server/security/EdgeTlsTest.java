package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// TLS with client certificates on both edges of one sidecar. The test that replaces the server's
/// certificate comes last.
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EdgeTlsTest {
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static @Nullable Certificate server;
  private static @Nullable Certificate client;
  private static @Nullable Certificate stranger;

  @BeforeAll
  static void start() throws Exception {
    server = Certificate.make(dir, "server");
    client = Certificate.make(dir, "client");
    stranger = Certificate.make(dir, "stranger");
    fortress =
        Fortress.build(
            dir,
            "--tls-cert=" + server.file(),
            "--tls-key=" + server.key(),
            "--tls-client-ca=" + client.file());
  }

  @AfterAll
  static void stop() {
    fort().close();
  }

  private static Fortress fort() {
    return Objects.requireNonNull(fortress);
  }

  private static Certificate server() {
    return Objects.requireNonNull(server);
  }

  private static Certificate client() {
    return Objects.requireNonNull(client);
  }

  private static Certificate stranger() {
    return Objects.requireNonNull(stranger);
  }

  private static Status.Code health(ChannelCredentials credentials) throws Exception {
    var channel =
        OkHttpChannelBuilder.forTarget("127.0.0.1:" + fort().grpcPort(), credentials).build();
    try {
      return new AnyCall("grpc.health.v1.Health/Check", false, false)
          .call(channel, CallOptions.DEFAULT, new byte[0])
          .getCode();
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static TlsChannelCredentials.Builder trusting(Certificate one) throws IOException {
    return TlsChannelCredentials.newBuilder().trustManager(one.file().toFile());
  }

  @Test
  @Order(1)
  void grpcTakesClientsOfItsAuthorityOnly() throws Exception {
    assertEquals(
        Status.Code.OK,
        health(
            trusting(server())
                .keyManager(client().file().toFile(), client().key().toFile())
                .build()));
    for (ChannelCredentials bad :
        List.of(
            InsecureChannelCredentials.create(),
            trusting(server()).build(),
            trusting(stranger()).build(),
            trusting(server())
                .keyManager(stranger().file().toFile(), stranger().key().toFile())
                .build())) {
      assertEquals(Status.Code.UNAVAILABLE, health(bad));
    }
  }

  @Test
  @Order(2)
  void httpIsHttpsAndWantsACertificateToo() throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + fort().httpPort() + "/healthz"))
            .build();
    try (var good =
        HttpClient.newBuilder().sslContext(Certificate.context(server(), client())).build()) {
      assertEquals(200, good.send(request, BodyHandlers.discarding()).statusCode());
    }
    try (var bad =
        HttpClient.newBuilder().sslContext(Certificate.context(server(), stranger())).build()) {
      assertThrows(IOException.class, () -> bad.send(request, BodyHandlers.discarding()));
    }
  }

  @Test
  @Order(3)
  void protocolsBelowTls12AreRefusedOnBothEdges() throws Exception {
    var context = Certificate.context(server(), client());
    for (int port : new int[] {fort().grpcPort(), fort().httpPort()}) {
      assertEquals("TLSv1.2", shake(context, port, "TLSv1.2"));
      // The JDK of the test refuses to speak it as well, so what is asked is what the server
      // offers.
      assertThrows(IOException.class, () -> shake(context, port, "TLSv1.1"));
      assertEquals("TLSv1.3", shake(context, port, "TLSv1.3"));
    }
  }

  private static String shake(SSLContext context, int port, String protocol) throws IOException {
    try (var socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      var parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {protocol});
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket.getSession().getProtocol();
    }
  }

  private static byte[] shown() throws Exception {
    var context = Certificate.context(server(), client());
    try (var socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.ofLiteral("127.0.0.1"), fort().httpPort())) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0].getEncoded();
    }
  }

  @Test
  @Order(4)
  void aReplacedCertificateIsShownToTheNextConnection() throws Exception {
    byte[] before = shown();
    Certificate next = Certificate.make(Files.createDirectory(dir.resolve("next")), "server");
    Files.move(next.key(), server().key(), StandardCopyOption.REPLACE_EXISTING);
    assertArrayEquals(before, shown(), "a key alone, without its certificate, changes nothing");
    Files.move(next.file(), server().file(), StandardCopyOption.REPLACE_EXISTING);
    var renewed = new Certificate(server().file(), server().key(), next.store());
    server = renewed;
    assertArrayEquals(next.store().getCertificate("server").getEncoded(), awaitOther());
    assertEquals(
        Status.Code.OK,
        health(
            trusting(renewed)
                .keyManager(client().file().toFile(), client().key().toFile())
                .build()));
  }

  /// The server looks at its files at most every fifth of a second; until it does, a client that
  /// trusts only the new certificate cannot connect.
  private static byte[] awaitOther() throws Exception {
    while (true) {
      try {
        return shown();
      } catch (IOException notYet) {
        LockSupport.parkNanos(5_000_000);
      }
    }
  }
}
