package dev.reseolio.server;

import dev.reseolio.server.grpc.ConnectionCount;
import java.time.Duration;

/// Asks for a stop when nobody was connected for some time.
final class IdleWatch {
  private IdleWatch() {}

  static void start(ConnectionCount connections, Duration idle, StopSignal stop) {
    Thread.ofVirtual().name("idle-watch").start(() -> watch(connections, idle, stop));
  }

  private static void watch(ConnectionCount connections, Duration idle, StopSignal stop) {
    try {
      connections.awaitIdle(idle);
      stop.give("no connection for " + idle.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
