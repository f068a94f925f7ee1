package dev.reseolio.server;

import dev.reseolio.server.config.Option;
import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.grpc.ConnectionCount;
import dev.reseolio.server.grpc.GrpcEdge;
import dev.reseolio.server.http.HttpEdge;
import dev.reseolio.server.http.Metric;
import dev.reseolio.server.http.ProcessMetrics;
import dev.reseolio.server.http.Readiness;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A running sidecar. Parts are started one after the other and stopped in the opposite order; a
/// failing start stops what it had started.
public final class Sidecar implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Sidecar.class.getName());
  private static final Duration STREAMS_GRACE = Duration.ofSeconds(1);

  private final ServerConfig config;
  private final ConnectionCount connections = new ConnectionCount();
  private final ProcessMetrics process = new ProcessMetrics();
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private Sidecar(ServerConfig config) {
    this.config = config;
  }

  /// A sidecar and what it says when it is ready.
  public record Started(Sidecar sidecar, Ready ready) {}

  /// Starts everything and returns when calls are served.
  ///
  /// @throws StartException when something cannot start; nothing is left running then
  public static Started start(ServerConfig config) throws StartException {
    var sidecar = new Sidecar(config);
    try {
      return new Started(sidecar, sidecar.open());
    } catch (StartException | RuntimeException e) {
      sidecar.close();
      throw e;
    }
  }

  private Ready open() throws StartException {
    var shields = Shields.open(config.listening());
    var storage = Storage.open(config.storage());
    undo.push(storage::close);
    var engine = SidecarEngine.start(config, storage.url().secret());
    undo.push(engine::close);
    var grpc = startGrpc(engine, shields);
    undo.push(() -> grpc.stop(STREAMS_GRACE));
    var http = startHttp(engine, shields);
    http.ifPresent(edge -> undo.push(edge::close));
    undo.push(() -> engine.drain(config.lifecycle().drainGrace()));
    undo.push(grpc::announceStop);
    return new Ready(grpc.address(), http.map(HttpEdge::address), engine.node());
  }

  private GrpcEdge startGrpc(SidecarEngine engine, Shields shields) throws StartException {
    var address = config.listening().grpc();
    return Bind.bind(
        Option.ADDRESS,
        address,
        () -> GrpcEdge.start(address, engine.services(), connections, shields.grpc()));
  }

  private Optional<HttpEdge> startHttp(SidecarEngine engine, Shields shields)
      throws StartException {
    var address = config.listening().http();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    var content = new HttpEdge.Content(() -> readiness(engine), () -> metrics(engine), List.of());
    var shield = shields.http(address.get());
    return Optional.of(
        Bind.bind(
            Option.HTTP_ADDRESS,
            address.get(),
            () -> HttpEdge.start(address.get().socketAddress(), shield, content)));
  }

  /// Connections of clients and workers.
  ConnectionCount connections() {
    return connections;
  }

  private Readiness readiness(SidecarEngine engine) {
    return stopping.get() ? Readiness.not("The sidecar is stopping.") : engine.readiness();
  }

  private List<Metric> metrics(SidecarEngine engine) {
    var all = new ArrayList<>(process.metrics());
    all.add(Metric.gauge("reseolio_connections", "Open gRPC connections.", connections.open()));
    all.addAll(engine.metrics());
    return all;
  }

  /// Stops: says so to health checks, drains, closes the edges, the engine, the storage.
  /// Idempotent; each part is stopped even when one before it fails.
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a part did not stop properly", e);
      }
    }
  }
}
