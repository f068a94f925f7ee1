package dev.reseolio.engine.store.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;

/// A real PgBouncer in transaction mode before the server of a URL. Where there is none to be had
/// the test is skipped, with the reason.
public final class PgBouncer implements AutoCloseable {
  private static final Path SCRIPT = script();

  private final URI server;
  private final int sessions;
  private final int port;
  private final Path folder;
  private Process process;

  /// @param url of the database
  /// @param sessions of the server that all clients share
  public PgBouncer(String url, int sessions) throws IOException {
    Process get = new ProcessBuilder(SCRIPT.toString(), "get").start();
    String reason = new String(get.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    Assumptions.assumeTrue(get.onExit().join().exitValue() == 0, reason);
    this.server = URI.create(url);
    this.sessions = sessions;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    folder = Files.createTempDirectory("reseolio-pgbouncer");
    process = run();
  }

  private static Path script() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("scripts/pgbouncer"))) {
      here = Objects.requireNonNull(here.getParent());
    }
    return here.resolve("scripts/pgbouncer");
  }

  private Process run() throws IOException {
    var builder =
        new ProcessBuilder(
            SCRIPT.toString(),
            "run",
            folder.toString(),
            String.valueOf(port),
            String.valueOf(server.getPort()),
            String.valueOf(sessions));
    builder.environment().put("PGUSER", server.getUserInfo());
    Process started =
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    while (!accepts()) {
      if (!started.isAlive()) {
        throw new IOException(Files.readString(folder.resolve("pgbouncer.log")));
      }
      LockSupport.parkNanos(5_000_000);
    }
    return started;
  }

  private boolean accepts() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// The database through the pooler.
  public String url() {
    return "postgres://%s@127.0.0.1:%d%s".formatted(server.getUserInfo(), port, server.getPath());
  }

  /// Dies at once; [#restart()] starts it again on its port.
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  public void restart() throws IOException {
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
