package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// The HTTP server: `/healthz`, `/readyz`, `/metrics` and the routes plugged in, each request on a
/// virtual thread of its own.
public final class HttpEdge implements AutoCloseable {
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

  /// Binds and serves.
  ///
  /// @param anyHost accept every Host header (remote access was asked for)
  /// @throws IOException when the address cannot be bound
  public static HttpEdge start(InetSocketAddress address, boolean anyHost, Content content)
      throws IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    var server = HttpServer.create(address, 0);
    var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", new Router(new HostCheck(anyHost), routes(content)));
    server.start();
    return new HttpEdge(server, threads);
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

  private static List<Route> routes(Content content) {
    var routes = new ArrayList<Route>();
    routes.add(Route.get("/healthz", e -> Replies.json(e, 200, "{\"status\":\"alive\"}")));
    routes.add(Route.get("/readyz", new ReadyHandler(content.readiness())));
    routes.add(Route.get("/metrics", new MetricsHandler(content.metrics())));
    routes.addAll(content.extra());
    return List.copyOf(routes);
  }
}
