package dev.reseolio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.InternalChannelz;
import org.junit.jupiter.api.Test;

class PreloadTest {
  @Test
  void theServerItMakesIsNotKept() {
    int before = servers();

    Preload.run();

    assertEquals(before, servers());
  }

  /// Those that gRPC knows of: from when they are made until they have ended.
  private static int servers() {
    return InternalChannelz.instance().getServers(0, 1000).servers.size();
  }
}
