package dev.reseolio.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpEdgeTest {
  private final AtomicReference<Readiness> readiness = new AtomicReference<>(Readiness.READY);
  private HttpEdge edge = start(new HostCheck(Set.of(), false));

  private HttpEdge start(HostCheck hosts) {
    var content =
        new HttpEdge.Content(
            readiness::get,
            HttpEdgeTest::figures,
            List.of(
                new Route("POST", "/api", true, e -> Replies.json(e, 200, "{}")),
                Route.get(
                    "/broken",
                    e -> {
                      throw new IllegalStateException("secret");
                    })));
    try {
      return HttpEdge.start(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
          new HttpEdge.Shield(hosts, Doorkeeper.NONE, Optional.empty()),
          content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Metric> figures() {
    var labels = Map.of("queue", "a\"\nb");
    return List.of(
        Metric.counter("reseolio_jobs_total", "Jobs.", List.of(new Metric.Value(labels, 3))),
        Metric.gauge("reseolio_pending", "Waiting.", 2),
        Metric.histogram(
            "reseolio_wait_seconds",
            "Wait.",
            List.of(new Metric.Buckets(Map.of(), List.of(0.1, 1.0), List.of(1L, 2L, 4L), 9.5))));
  }

  @BeforeEach
  void ready() {
    readiness.set(Readiness.READY);
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  /// Raw, for a client library would mend what is under test.
  private String ask(String line, String host) throws IOException {
    var request = line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    try (var socket = new Socket(edge.address().getAddress(), edge.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private int status(String line) throws IOException {
    return Integer.parseInt(ask(line, "localhost").substring(9, 12));
  }

  @ParameterizedTest
  @CsvSource({
    "GET /healthz,200",
    "HEAD /healthz,200",
    "GET /readyz,200",
    "GET /metrics,200",
    "GET /,404",
    "GET /healthz/,404",
    "GET /x/healthz,404",
    "GET //healthz,404",
    "GET /%68ealthz,404",
    "GET /../healthz,404",
    "GET /healthzz,404",
    "POST /healthz,405",
    "DELETE /metrics,405",
    "POST /api,200",
    "POST /api/v1/x,200",
    "POST /apix,404",
    "GET /api/v1,405",
    "GET /broken,500"
  })
  void exactlyTheListedRoutesAreServed(String line, int status) throws Exception {
    assertEquals(status, status(line));
  }

  @Test
  void readinessSaysWhyNot() throws Exception {
    readiness.set(Readiness.not("no \"database\""));
    var answer = ask("GET /readyz", "localhost:1");
    assertTrue(answer.startsWith("HTTP/1.1 503"), answer);
    assertTrue(answer.endsWith("\"detail\":\"no \\\"database\\\"\"}"), answer);
    assertEquals(200, status("GET /healthz"));
  }

  @Test
  void metricsAreInPrometheusText() throws Exception {
    var answer = ask("GET /metrics", "127.0.0.1");
    assertTrue(answer.contains("reseolio_jobs_total{queue=\"a\\\"\\nb\"} 3.0\n"), answer);
    assertTrue(answer.contains("reseolio_pending 2.0\n"), answer);
    assertTrue(answer.contains("reseolio_wait_seconds_bucket{le=\"1.0\"} 3\n"), answer);
    assertTrue(answer.contains("reseolio_wait_seconds_count 7\n"), answer);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,200",
    "LOCALHOST:50052,200",
    "127.0.0.1:1,200",
    "[::1]:5,200",
    "evil.example,403",
    "localhost.evil.example,403",
    "127.0.0.1.evil.example,403",
    "localhost:x,403",
    "10.0.0.1,403"
  })
  void strangersNamesAreRefused(String host, int status) throws Exception {
    assertEquals(status, Integer.parseInt(ask("GET /healthz", host).substring(9, 12)));
  }

  @Test
  void otherMachinesUseListedNamesAndAddresses() throws Exception {
    edge.close();
    edge = start(new HostCheck(Set.of("sidecar.internal"), true));
    for (String good :
        List.of("Sidecar.internal:1", "10.0.0.7:50052", "[fd00::1]:1", "localhost")) {
      assertTrue(ask("GET /healthz", good).startsWith("HTTP/1.1 200"), good);
    }
    for (String bad : List.of("evil.example", "10.0.0.7.evil.example", "a.sidecar.internal", "")) {
      assertTrue(ask("GET /healthz", bad).startsWith("HTTP/1.1 40"), bad);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://evil.example", "null", "http://localhost:1", "https://localhost.evil"})
  void aPageOfAnotherSiteIsRefusedOnEveryRoute(String origin) throws Exception {
    for (String path : List.of("/healthz", "/readyz", "/metrics", "/none")) {
      var answer = ask("GET " + path, "localhost\r\nOrigin: " + origin);
      assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
    }
    assertTrue(
        ask("GET /healthz", "localhost:7\r\nOrigin: http://localhost:7")
            .startsWith("HTTP/1.1 200"));
  }
}
