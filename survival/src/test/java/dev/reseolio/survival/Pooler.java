package dev.reseolio.survival;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;

/// A real PgBouncer in transaction mode before a database, with few sessions for all that come by
/// it. Where there is none to be had the test is skipped, with the reason.
final class Pooler implements AutoCloseable {
  private static final String SCRIPT =
      Path.of(System.getProperty("reseolio.root"), "scripts/pgbouncer").toString();

  private final Database database;
  private final int sessions;
  private final int port;
  private final Path folder;
  private Process process;

  Pooler(Database database, int sessions) throws IOException {
    Process get = new ProcessBuilder(SCRIPT, "get").start();
    String reason = new String(get.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    Assumptions.assumeTrue(get.onExit().join().exitValue() == 0, reason);
    this.database = database;
    this.sessions = sessions;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    folder = Files.createTempDirectory("reseolio-pgbouncer");
    process = run();
  }

  private Process run() throws IOException {
    var builder =
        new ProcessBuilder(
            SCRIPT, "run", folder.toString(), "" + port, "" + Database.port(), "" + sessions);
    String[] user = URI.create(database.url()).getUserInfo().split(":", 2);
    builder.environment().put("PGUSER", user[0]);
    builder.environment().put("PGPASSWORD", user[1]);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process started = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    Await.until("PgBouncer listens", Duration.ofSeconds(10), this::listens);
    return started;
  }

  private boolean listens() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// The database through the pooler.
  String url() {
    return database.url(port);
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  void restart() throws IOException {
    process = run();
  }

  @Override
  public void close() throws IOException {
    kill();
    for (String file : new String[] {"pgbouncer.ini", "pgbouncer.log"}) {
      Files.deleteIfExists(folder.resolve(file));
    }
    Files.delete(folder);
  }
}
