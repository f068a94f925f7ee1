package dev.reseolio.embedded;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/// Rough handling of processes and ports.
final class Fixtures {
  private Fixtures() {}

  /// Kills like `kill -9` and waits until the process has ended, whoever is to ask how it ended.
  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(Fixtures::kill);
  }

  private static void kill(ProcessHandle process) {
    process.destroyForcibly();
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          while (process.info().command().isPresent()) {
            Presence.pause();
          }
        });
  }

  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
  }
}
