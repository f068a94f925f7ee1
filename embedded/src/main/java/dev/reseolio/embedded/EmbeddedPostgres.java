package dev.reseolio.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server of our own under one data directory, shared by every process that starts it
/// there: the first one starts the server, later ones join it, the last one to `close()` stops it.
/// The server runs detached, so it survives a killed process, and the next start joins it again.
public final class EmbeddedPostgres implements AutoCloseable {
  private final Cluster cluster;
  private final Presence presence;
  private final AtomicBoolean closed = new AtomicBoolean();

  EmbeddedPostgres(Cluster cluster, Presence presence) {
    this.cluster = cluster;
    this.presence = presence;
  }

  /// Starts or joins the server of `dataDir` (created when missing) with the bundled PostgreSQL.
  /// `progress` receives one line per step worth telling a person, none when joining.
  ///
  /// @throws EmbeddedPostgresException saying what was expected, what came and what to do
  public static EmbeddedPostgres start(Path dataDir, Consumer<String> progress) {
    return builder(dataDir).progress(progress).start();
  }

  /// More choices than `start(Path, Consumer)`: see the methods of `Builder`.
  public static Builder builder(Path dataDir) {
    return new Builder(dataDir);
  }

  /// `postgres://reseolio:<password>@127.0.0.1:<port>/reseolio`. A secret: mask it before logging.
  public String url() {
    return "postgres://%s:%s@127.0.0.1:%d/%s"
        .formatted(Cluster.USER, cluster.password(), port(), Cluster.DATABASE);
  }

  /// The same as `url()` for `DriverManager` and pools. A secret as well.
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&password=%s"
        .formatted(port(), Cluster.DATABASE, Cluster.USER, cluster.password());
  }

  /// The TCP port on 127.0.0.1.
  public int port() {
    return presence.port();
  }

  /// Process id of the server (the postmaster).
  public long pid() {
    return presence.pid();
  }

  /// True while the server's process lives. One that has ended counts as ended at once, also when
  /// the system still keeps its id because nobody has asked how it ended.
  public boolean isRunning() {
    return cluster.isRunning(presence);
  }

  /// Leaves the server, and stops it when nobody else is connected. Close pools first: a client
  /// that is still connected half a second later keeps the server running. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      cluster.leave(presence);
    }
  }

  /// Choices of a start; each has a default, so `builder(dir).start()` works.
  public static final class Builder {
    private final Path dataDir;
    private final Map<String, String> settings = new HashMap<>();
    private @Nullable Path binaries;
    private @Nullable Path cache;
    private Consumer<String> progress = line -> {};

    private Builder(Path dataDir) {
      this.dataDir = dataDir;
    }

    /// Uses a local installation, for example `/usr/lib/postgresql/15/bin`, instead of the bundle.
    public Builder binaries(Path bin) {
      this.binaries = bin;
      return this;
    }

    /// Where the bundle is unpacked; default `$XDG_CACHE_HOME/reseolio` or `~/.cache/reseolio`.
    public Builder cache(Path folder) {
      this.cache = folder;
      return this;
    }

    /// One more line of postgresql.conf, for example `fsync`, `off` in tests; applies when this
    /// call starts the server, not when it joins.
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /// Receives one line per step worth telling a person; default: nobody.
    public Builder progress(Consumer<String> lines) {
      this.progress = lines;
      return this;
    }

    /// Starts or joins.
    ///
    /// @throws EmbeddedPostgresException saying what was expected, what came and what to do
    public EmbeddedPostgres start() {
      var binariesSource = new Binaries(binaries, cache, progress);
      var cluster =
          Cluster.open(DataDir.of(dataDir), binariesSource, Map.copyOf(settings), progress);
      return new EmbeddedPostgres(cluster, cluster.join());
    }
  }
}
