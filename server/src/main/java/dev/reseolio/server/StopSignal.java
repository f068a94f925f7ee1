package dev.reseolio.server;

import java.util.concurrent.CompletableFuture;

/// The reason to stop, once there is one; the first counts.
final class StopSignal {
  private final CompletableFuture<String> reason = new CompletableFuture<>();

  /// True when this was the first.
  boolean give(String why) {
    return reason.complete(why);
  }

  String await() {
    return reason.join();
  }
}
