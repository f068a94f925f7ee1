package dev.reseolio.server;

import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.http.Metric;
import dev.reseolio.server.http.Readiness;
import dev.reseolio.server.http.Route;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.List;

/// Stands where the engine goes: serves nothing, stores nothing.
final class PlaceholderEngine implements SidecarEngine {
  static SidecarEngine start(ServerConfig config, String storageUrl) {
    return new PlaceholderEngine();
  }

  @Override
  public long node() {
    return 0;
  }

  @Override
  public List<BindableService> services() {
    return List.of();
  }

  @Override
  public List<Route> routes() {
    return List.of();
  }

  @Override
  public Readiness readiness() {
    return Readiness.READY;
  }

  @Override
  public List<Metric> metrics() {
    return List.of();
  }

  @Override
  public void drain(Duration grace) {}

  @Override
  public void close() {}
}
