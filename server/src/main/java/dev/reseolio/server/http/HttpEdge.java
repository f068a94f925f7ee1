package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// The HTTP server: `/healthz`, `/readyz`, `/metrics` and the routes plugged in, each request on a
/// virtual thread of its own.
public final class HttpEdge implements AutoCloseable {
  /// Of the JDK's server: small, and slow requests are cut.
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.nodelay", "true",
          "sun.net.httpserver.maxReqTime", "10",
          "sun.net.httpserver.maxRspTime", "30",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "jdk.httpserver.maxConnections", "200");

  private final HttpServer server;
  private final ExecutorService threads;

  private HttpEdge(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /// What there is to ask the process.
  ///
  /// @param extra routes beside the built-in ones, which go first
  public record Content(Supplier<Readiness> readiness, MetricsSource metrics, List<Route> extra) {}

  /// What keeps strangers out.
  ///
  /// @param tls empty: plain text
  public record Shield(HostCheck hosts, Doorkeeper doorkeeper, Optional<HttpsConfigurator> tls) {}

  /// Binds and serves.
  ///
  /// @throws IOException when the address cannot be bound
  public static HttpEdge start(InetSocketAddress address, Shield shield, Content content)
      throws IOException {
    LIMITS.forEach(System::setProperty);
    var server = server(address, shield.tls());
    var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", new Router(shield.hosts(), shield.doorkeeper(), routes(content)));
    server.start();
    return new HttpEdge(server, threads);
  }

  private static HttpServer server(InetSocketAddress address, Optional<HttpsConfigurator> tls)
      throws IOException {
    if (tls.isEmpty()) {
      return HttpServer.create(address, 0);
    }
    var server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(tls.get());
    return server;
  }

  /// The address it was bound to, with the real port.
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /// Stops at once; requests under way are cut.
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /// All routes there are with that content.
  public static List<Route> routes(Content content) {
    var routes = new ArrayList<Route>();
    routes.add(Route.get("/healthz", e -> Replies.json(e, 200, "{\"status\":\"alive\"}")));
    routes.add(Route.get("/readyz", new ReadyHandler(content.readiness())));
    routes.add(Route.get("/metrics", new MetricsHandler(content.metrics())));
    routes.addAll(content.extra());
    return List.copyOf(routes);
  }
}
