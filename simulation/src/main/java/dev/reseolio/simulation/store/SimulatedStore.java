package dev.reseolio.simulation.store;

import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.Maintenance;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.Writer;
import dev.reseolio.simulation.machine.Host;
import java.time.Duration;
import java.time.Instant;

/// The store of one process on the simulated database.
public final class SimulatedStore implements Store {
  private final Server server;
  private final Connection pool;
  private final SimulatedNodes nodes;
  private final SimulatedWriter writer;
  private final SimulatedJobs jobs;

  public SimulatedStore(Host host, Network network, Server server) {
    this.server = server;
    pool = new Connection(host, network, server, false);
    nodes = new SimulatedNodes(host, server, new Connection(host, network, server, false));
    writer = new SimulatedWriter(host, server, new Connection(host, network, server, true));
    jobs = new SimulatedJobs(server.database(), pool);
  }

  /// The process is dead, and the database has noticed.
  public void abandon() {
    nodes.endSession();
    writer.reset();
  }

  /// The control session breaks, and nothing else.
  public void breakControl() {
    nodes.endSession();
  }

  @Override
  public Writer openWriter() {
    return writer;
  }

  @Override
  public Nodes nodes() {
    return nodes;
  }

  @Override
  public Backlog backlog() {
    return new SimulatedBacklog(server.database(), pool);
  }

  @Override
  public Jobs jobs() {
    return jobs;
  }

  @Override
  public Maintenance maintenance() {
    return new Maintenance() {
      @Override
      public void ensurePartitions() {
        pool.call(() -> true);
      }

      @Override
      public long prune(Duration retention) {
        return pool.call(() -> {
          server.database().pruneKeys();
          return 0L;
        });
      }
    };
  }

  @Override
  public Instant now() {
    return pool.call(server.database()::now);
  }

  @Override
  public void close() {
    abandon();
  }
}
