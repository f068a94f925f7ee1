package dev.reseolio.embedded;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One data directory and what may happen to it under its lock: be made, joined, started, left.
final class Cluster {
  static final String USER = "reseolio";
  static final String DATABASE = "reseolio";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String WRONG_PASSWORD = "28P01";

  private final DataDir dir;
  private final Programs programs;
  private final String password;
  private final Consumer<String> progress;

  private Cluster(DataDir dir, Programs programs, String password, Consumer<String> progress) {
    this.dir = dir;
    this.programs = programs;
    this.password = password;
    this.progress = progress;
  }

  static Cluster open(
      DataDir dir, Binaries binaries, Map<String, String> settings, Consumer<String> progress) {
    try (var _ = DirLock.acquire(dir.lock(), progress)) {
      var programs = new Programs(dir, binaries, settings);
      return new Cluster(dir, programs, Password.of(dir), progress);
    }
  }

  String password() {
    return password;
  }

  /// Joins the running server, or makes the cluster if need be and starts it.
  Presence join() {
    try (var _ = DirLock.acquire(dir.lock(), progress)) {
      var presence = running().orElseGet(this::start);
      presence.ensureDatabase();
      return presence;
    } catch (SQLException e) {
      throw new EmbeddedPostgresException(
          "The embedded PostgreSQL runs but cannot be used: " + e.getMessage(), e);
    }
  }

  boolean isRunning(Presence presence) {
    return presence.server().serves(dir);
  }

  /// Stops the server unless somebody else is connected.
  void leave(Presence presence) {
    try (var _ = DirLock.acquire(dir.lock(), progress);
        presence) {
      if (isRunning(presence) && presence.alone()) {
        presence.close();
        programs.stop();
        note(presence.port(), "null");
      }
    } catch (SQLException e) {
      throw new EmbeddedPostgresException(
          "Cannot tell whether the embedded PostgreSQL in %s is still used (%s); it may go on running."
              .formatted(dir.root(), e.getMessage()),
          e);
    }
  }

  private Presence start() {
    var begun = System.nanoTime();
    var recovering = prepare();
    progress.accept(
        recovering
            ? "starting PostgreSQL; it recovers from an unclean stop"
            : "starting PostgreSQL");
    programs.start();
    var presence =
        running().orElseThrow(() -> programs.failed("PostgreSQL went away just after its start"));
    note(presence.port(), Long.toString(presence.pid()));
    progress.accept(
        "PostgreSQL ready on 127.0.0.1:%d in %.1f s"
            .formatted(presence.port(), (System.nanoTime() - begun) / 1e9));
    return presence;
  }

  /// True when a server died here without stopping.
  private boolean prepare() {
    try {
      if (!dir.initialised()) {
        progress.accept("initialising a database cluster in " + dir.data());
        programs.init(dir.password());
      }
      programs.checkVersion();
      return Postmaster.forgetDead(dir);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot prepare %s (%s).".formatted(dir.data(), Text.reason(e)), e);
    }
  }

  /// Connects to the running server, waiting while it starts, recovers or stops; empty when there
  /// is none or it ends.
  private Optional<Presence> running() {
    var deadline = System.nanoTime() + LIMIT.toNanos();
    var last = "";
    while (System.nanoTime() < deadline) {
      var server = Postmaster.running(dir);
      if (server.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(Presence.connect(server.get(), password));
      } catch (SQLException e) {
        refuseWrongPassword(e);
        last = e.getMessage();
      }
      Presence.pause();
    }
    throw new EmbeddedPostgresException(
        "PostgreSQL in %s runs but took no connection for %d s: %s. See %s."
            .formatted(dir.root(), LIMIT.toSeconds(), last, dir.log()));
  }

  private void refuseWrongPassword(SQLException e) {
    if (WRONG_PASSWORD.equals(e.getSQLState())) {
      throw new EmbeddedPostgresException(
          "The password in %s is not that of the cluster in %s. Restore the file, or move the data directory away to begin anew."
              .formatted(dir.password(), dir.data()),
          e);
    }
  }

  /// The port is kept over a stop, for the next start to take it again; `pid` may be `null`.
  private void note(int port, String pid) {
    try {
      Text.write(dir.note(), "{\"port\":%d,\"pid\":%s}\n".formatted(port, pid));
    } catch (IOException e) {
      progress.accept("could not write %s: %s".formatted(dir.note(), Text.reason(e)));
    }
  }
}
