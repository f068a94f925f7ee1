package dev.reseolio.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `initdb` and `pg_ctl` for one data directory. The caller holds its lock.
final class Programs {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int PORT_ATTEMPTS = 5;
  private static final long KEEP_LOG_BYTES = 10L << 20;
  private static final Pattern NOTED_PORT = Pattern.compile("\"port\"\\s*:\\s*(\\d{1,5})\\b");
  private static final int FIRST_BUILTIN_LOCALE = 17;

  private final DataDir dir;
  private final Binaries binaries;
  private final Map<String, String> settings;
  private @Nullable Tools tools;

  Programs(DataDir dir, Binaries binaries, Map<String, String> settings) {
    this.dir = dir;
    this.binaries = binaries;
    this.settings = settings;
  }

  /// Makes the cluster beside its place and renames it there, so that it exists whole or not.
  void init(Path passwordFile) throws IOException {
    sweepHalfDone();
    var temp = dir.root().resolve("data.init-" + ProcessHandle.current().pid());
    var words = new ArrayList<>(List.of("-D", temp.toString(), "-U", Cluster.USER));
    words.addAll(List.of("--pwfile=" + passwordFile, "--auth=scram-sha-256"));
    words.addAll(List.of("--encoding=UTF8", "--locale=C"));
    if (major() >= FIRST_BUILTIN_LOCALE) {
      words.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
    }
    var said = run("initdb", words);
    if (!said.ok()) {
      throw new EmbeddedPostgresException("initdb failed in %s: %s".formatted(temp, said.text()));
    }
    Files.writeString(temp.resolve("postgresql.conf"), Settings.INCLUDE, StandardOpenOption.APPEND);
    Files.move(temp, dir.data(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void sweepHalfDone() throws IOException {
    try (var entries = Files.newDirectoryStream(dir.root(), "data.init-*")) {
      for (var entry : entries) {
        Text.deleteTree(entry);
      }
    }
  }

  /// Refuses a cluster of another major version: PostgreSQL could not open it.
  void checkVersion() throws IOException {
    var cluster = Files.readString(dir.data().resolve("PG_VERSION")).strip();
    if (!cluster.equals(Integer.toString(major()))) {
      throw new EmbeddedPostgresException(
          "%s was made by PostgreSQL %s, but this one is %d. Use that version's programs, or move the data directory away to begin anew."
              .formatted(dir.data(), cluster, major()));
    }
  }

  /// Starts the server detached from this process and waits until it takes connections. The port is
  /// the previous one when it is free, so that addresses stay good over a restart.
  void start() {
    rotateLog();
    var logged = "";
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      var from = Text.length(dir.log());
      writeSettings(attempt == 0 ? previousPort() : freePort());
      var said = run("pg_ctl", List.of("start", "-w", "-t", seconds(), "-D", data(), "-l", log()));
      if (said.ok() || Postmaster.running(dir).isPresent()) {
        return;
      }
      logged = said.text() + "\n" + Text.since(dir.log(), from);
      if (!logged.contains("Address already in use")) {
        break;
      }
    }
    throw failed(logged);
  }

  /// Stops the server at once but cleanly (connections are cut, nothing has to be recovered).
  void stop() {
    var said = run("pg_ctl", List.of("stop", "-w", "-t", seconds(), "-m", "fast", "-D", data()));
    if (!said.ok()) {
      throw new EmbeddedPostgresException("PostgreSQL did not stop: " + said.text());
    }
  }

  EmbeddedPostgresException failed(String why) {
    return new EmbeddedPostgresException(
        "PostgreSQL did not start in %s; the whole story is in %s. It said: %s"
            .formatted(dir.root(), dir.log(), why.strip()));
  }

  private void writeSettings(int port) {
    try {
      Text.write(dir.data().resolve(Settings.FILE), Settings.file(port, settings));
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot write the settings in %s (%s).".formatted(dir.data(), Text.reason(e)), e);
    }
  }

  private void rotateLog() {
    try {
      if (Text.length(dir.log()) > KEEP_LOG_BYTES) {
        var old = dir.log().resolveSibling("postgres.log.1");
        Files.move(dir.log(), old, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new EmbeddedPostgresException("Cannot rename " + dir.log(), e);
    }
  }

  private int previousPort() {
    try {
      var noted = NOTED_PORT.matcher(Files.readString(dir.note()));
      return noted.find() && isFree(Integer.parseInt(noted.group(1)))
          ? Integer.parseInt(noted.group(1))
          : freePort();
    } catch (IOException e) {
      return freePort();
    }
  }

  private static boolean isFree(int port) {
    try (var probe = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return probe.isBound();
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static int freePort() {
    try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedPostgresException("No free port on 127.0.0.1", e);
    }
  }

  private int major() {
    return tools().major();
  }

  private Commands.Output run(String program, List<String> arguments) {
    return tools().run(dir, program, arguments);
  }

  /// Found when first needed: who only joins and leaves a server needs no programs.
  private Tools tools() {
    var found = tools;
    if (found == null) {
      found = Tools.find(dir, binaries);
      tools = found;
    }
    return found;
  }

  private static String seconds() {
    return Long.toString(LIMIT.toSeconds());
  }

  private String data() {
    return dir.data().toString();
  }

  private String log() {
    return dir.log().toString();
  }
}
