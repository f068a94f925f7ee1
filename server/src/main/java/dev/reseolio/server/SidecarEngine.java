package dev.reseolio.server;

import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.http.MetricsSource;
import dev.reseolio.server.http.Readiness;
import dev.reseolio.server.http.Route;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.List;

/// The engine as the sidecar sees it: a running one, with its gRPC services and HTTP routes.
public interface SidecarEngine extends MetricsSource, AutoCloseable {
  /// Opens storage and joins the cluster.
  @FunctionalInterface
  interface Factory {
    /// A running engine.
    ///
    /// @param storageUrl `postgres://…` with its password, also when embedded; never log it
    /// @throws StartException when storage cannot be used
    SidecarEngine start(ServerConfig config, String storageUrl) throws StartException;
  }

  /// The number of this node incarnation.
  long node();

  /// What the gRPC server offers beside health and reflection.
  List<BindableService> services();

  /// What the HTTP server offers beside health and metrics.
  List<Route> routes();

  Readiness readiness();

  /// Takes no new work, tells the workers, and waits for running attempts up to `grace`; called
  /// while gRPC still serves, so that their outcomes arrive. Ends the workers' streams.
  void drain(Duration grace);

  /// Flushes, leaves the cluster, closes storage. Comes after `drain`; no call is served any more.
  @Override
  void close();
}
