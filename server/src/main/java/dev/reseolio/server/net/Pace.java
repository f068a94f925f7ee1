package dev.reseolio.server.net;

import dev.reseolio.server.inbound.Inbound;
import dev.reseolio.server.inbound.InboundConnection;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/// What holds back the reading of connections: the backlog of tasks, and the requests that are
/// inside.
public record Pace(Backlog backlog, Inbound inbound) {
  /// For a new connection.
  OfConnection connection(Closeable socket) {
    return new OfConnection(inbound.connection(socket));
  }

  /// The part of one connection.
  final class OfConnection {
    private final InboundConnection requests;

    private OfConnection(InboundConnection requests) {
      this.requests = requests;
    }

    void closed() {
      requests.closed();
    }

    /// The same bytes, each frame held back.
    InputStream input(InputStream in) {
      return new FrameInput(in, this::frame);
    }

    private void frame(int stream, int data) throws IOException {
      backlog.awaitShorter();
      requests.frame(stream, data);
    }
  }
}
