package dev.reseolio.server.net;

import dev.reseolio.server.traffic.Connection;
import dev.reseolio.server.traffic.Inbound;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// What holds back the reading of connections: the backlog of tasks, and the requests that are
/// inside. What is written to them is watched.
public record Pace(Backlog backlog, Inbound inbound) {
  /// The type of frames that ask for a sign of life, or are one, RFC 9113, section 6.7.
  private static final int PING = 6;

  /// For a new connection.
  OfConnection connection(Closeable socket) {
    return new OfConnection(inbound.connection(socket));
  }

  /// The part of one connection.
  final class OfConnection implements FrameInput.Listener {
    private final Connection connection;

    private OfConnection(Connection connection) {
      this.connection = connection;
    }

    void closed() {
      connection.closed();
    }

    /// The same bytes, each frame held back.
    InputStream input(InputStream in) {
      return new FrameInput(in, this);
    }

    /// The same bytes, watched for how many of them wait.
    OutputStream output(OutputStream out) {
      return connection.unwritten().watching(out);
    }

    @Override
    public void dealt() {
      connection.dealt();
    }

    @Override
    public void frame(int type, int stream, int data) throws IOException {
      if (type != PING) { // It brings no task.
        backlog.awaitShorter();
      }
      connection.frame(type, stream, data);
    }
  }
}
