package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.Maintenance;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.Writer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;

/// The store on PostgreSQL: one schema of one database.
public final class PostgresStore implements Store {
  private static final String NOW =
      """
      SELECT clock_timestamp()
      """;

  private final Connections connections;
  private final Nodes nodes;
  private final Backlog backlog;
  private final Jobs jobs;
  private final Maintenance maintenance;

  private PostgresStore(Connections connections) {
    this.connections = connections;
    nodes = new PostgresNodes(connections);
    backlog = new PostgresBacklog(connections);
    jobs = new PostgresJobs(connections);
    maintenance = new PostgresMaintenance(connections);
  }

  /// Loads what the first connection takes longest to load.
  public static void load() {
    Login.load();
  }

  /// Connects, checks the server, brings the schema to this program's version and makes the
  /// partitions of these days.
  ///
  /// @param schema as it is named, unquoted, e.g. `reseolio`
  /// @param poolSize connections for short calls, e.g. [Connections#DEFAULT_POOL_SIZE]
  /// @throws StorageStartException for every reason it names
  public static PostgresStore open(PostgresUrl url, String schema, int poolSize) {
    Connections connections = Connections.opening(url, schema, poolSize, PostgresNodes.CONTROL);
    try {
      new Opening(connections).run();
      return new PostgresStore(connections);
    } catch (RuntimeException e) {
      connections.close();
      throw e;
    }
  }

  /// The connections, for what is wired beside this store.
  public Connections connections() {
    return connections;
  }

  @Override
  public Writer openWriter() {
    return new PostgresWriter(connections);
  }

  @Override
  public Nodes nodes() {
    return nodes;
  }

  @Override
  public Backlog backlog() {
    return backlog;
  }

  @Override
  public Jobs jobs() {
    return jobs;
  }

  @Override
  public Maintenance maintenance() {
    return maintenance;
  }

  @Override
  public Instant now() {
    return connections.with(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(NOW);
          ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getObject(1, OffsetDateTime.class).toInstant();
      }
    });
  }

  @Override
  public void close() {
    nodes.close();
    connections.close();
  }
}
