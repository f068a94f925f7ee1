package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The layout of a data directory: the cluster, its password, the lock, the log and a note for
/// people and tools.
record DataDir(Path root) {

  static DataDir of(Path dataDir) {
    try {
      Files.createDirectories(dataDir);
      var root = dataDir.toRealPath();
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
      return new DataDir(root);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot use %s as data directory (%s). Choose one that this user owns, with --data-dir."
              .formatted(dataDir.toAbsolutePath(), Text.reason(e)),
          e);
    }
  }

  /// PostgreSQL's own directory (PGDATA).
  Path data() {
    return root.resolve("data");
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path password() {
    return root.resolve("password");
  }

  Path log() {
    return root.resolve("postgres.log");
  }

  /// Port and process id of the running server, for people and tools; only a hint for us.
  Path note() {
    return root.resolve("postgres.json");
  }

  boolean initialised() {
    return Files.exists(data().resolve("PG_VERSION"));
  }
}
