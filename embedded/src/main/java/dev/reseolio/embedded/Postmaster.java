package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The server process of a data directory, as its `postmaster.pid` tells and the system confirms.
record Postmaster(long pid, int port) {
  private static final int PID = 0;
  private static final int PORT = 3;
  private static final String NOBODY = Integer.toString(Integer.MAX_VALUE);

  /// The running server; empty when there is none, or when the file is left over from a crash.
  static Optional<Postmaster> running(DataDir dir) {
    var lines = lines(dir);
    if (lines.size() <= PORT) {
      return Optional.empty();
    }
    try {
      var found =
          new Postmaster(
              Long.parseLong(lines.get(PID).strip()), Integer.parseInt(lines.get(PORT).strip()));
      return Optional.of(found).filter(p -> p.serves(dir));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// True when the process lives and was started for this data directory (process ids are reused).
  /// What has ended and was not yet waited for still has an id, but no arguments.
  boolean serves(DataDir dir) {
    return ProcessHandle.of(pid)
        .flatMap(p -> p.info().arguments())
        .filter(arguments -> Arrays.asList(arguments).contains(dir.data().toString()))
        .isPresent();
  }

  /// After a machine crash the recorded process id may belong to another program, and PostgreSQL
  /// would refuse to start. The id is replaced by an impossible one; the rest of the file stays,
  /// for with it PostgreSQL still notices orphans of the old server. True when a server died here.
  static boolean forgetDead(DataDir dir) throws IOException {
    var lines = lines(dir);
    if (lines.isEmpty()) {
      Files.deleteIfExists(file(dir));
      return false;
    }
    lines.set(PID, NOBODY);
    Files.write(file(dir), lines);
    return true;
  }

  private static List<String> lines(DataDir dir) {
    try {
      return new ArrayList<>(Files.readAllLines(file(dir)));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Path file(DataDir dir) {
    return dir.data().resolve("postmaster.pid");
  }
}
