package dev.reseolio.server;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.EngineConfig;
import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.engine.store.postgres.PostgresUrl;
import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.http.Metric;
import dev.reseolio.server.http.Readiness;
import dev.reseolio.server.rpc.JobRpc;
import dev.reseolio.server.rpc.WorkerRpc;
import io.grpc.BindableService;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/// The engine as the sidecar runs it: configured, with its gRPC services and its metrics.
final class SidecarEngine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SidecarEngine.class.getName());

  private final Engine engine;
  private final EngineMetrics metrics = new EngineMetrics();

  private SidecarEngine(Engine engine) {
    this.engine = engine;
  }

  /// Opens storage and joins the cluster.
  ///
  /// @param storageUrl `postgres://…` with its password, also when embedded; never log it
  /// @throws StartException when storage cannot be used
  static SidecarEngine start(ServerConfig config, String storageUrl) throws StartException {
    try {
      ServerConfig.Storage storage = config.storage();
      PostgresUrl url = PostgresUrl.parse(storageUrl);
      url.warning().ifPresent(warning -> LOG.log(System.Logger.Level.WARNING, warning));
      Store store = PostgresStore.open(url, storage.schema(), storage.poolSize());
      return new SidecarEngine(Engine.start(engineConfig(config), store));
    } catch (StorageStartException e) {
      throw new StartException(e.reason().code(), String.valueOf(e.getMessage()), e);
    } catch (StoreException e) {
      throw new StartException(StartException.ENGINE_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private static EngineConfig engineConfig(ServerConfig config) {
    EngineConfig base = EngineConfig.DEFAULT;
    ServerConfig.Work work = config.work();
    return new EngineConfig(
        hostName() + "/" + ProcessHandle.current().pid(),
        Version.current(),
        work.crashBudget(),
        config.storage().retention(),
        new EngineConfig.Limits(
            work.maxPayload(), base.limits().queuedJobs(), base.limits().queuedBytes()),
        new EngineConfig.Timing(
            work.deadAfter(),
            work.beatInterval(),
            work.resumeGrace(),
            base.timing().cancelGrace(),
            base.timing().enqueueTimeout()));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "localhost";
    }
  }

  /// The number of this node incarnation.
  int node() {
    return engine.node();
  }

  /// What the gRPC server offers beside health and reflection.
  List<BindableService> services() {
    return List.of(new JobRpc(engine), new WorkerRpc(engine));
  }

  Readiness readiness() {
    return engine.ready() ? Readiness.READY : Readiness.not("The database does not answer.");
  }

  List<Metric> metrics() {
    return metrics.of(engine);
  }

  /// Takes no new work, tells the workers, and waits for running attempts up to `grace`; called
  /// while gRPC still serves, so that their outcomes arrive. Ends the workers' streams.
  void drain(Duration grace) {
    engine.drain(grace);
  }

  /// Flushes, leaves the cluster, closes storage. Comes after `drain`; no call is served any more.
  @Override
  public void close() {
    engine.close();
  }
}
