package dev.reseolio.server.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/// Goes on accepting after a failure that may pass, such as too many open files: grpc-okhttp's
/// listener ends for good with the first failed `accept()`.
final class Patience {
  private static final System.Logger LOG = System.getLogger(Patience.class.getName());
  private static final long PAUSE_MILLIS = 100;

  private Patience() {}

  /// How one connection is accepted.
  interface Accept {
    Socket accept() throws IOException;
  }

  static Socket accept(ServerSocket server, Accept accept) throws IOException {
    while (true) {
      try {
        return accept.accept();
      } catch (IOException e) {
        if (server.isClosed()) {
          throw e;
        }
        LOG.log(System.Logger.Level.WARNING, "cannot accept a connection, trying again", e);
        pause(e);
      }
    }
  }

  private static void pause(IOException reason) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }
}
