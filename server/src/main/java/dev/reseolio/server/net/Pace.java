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

    private void await() throws IOException {
      backlog.awaitShorter();
      requests.awaitTurn();
    }

    /// The same bytes, each read held back. It is asked after the bytes have come: a reader may
    /// have waited for them since long before.
    InputStream input(InputStream in) {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          int one = in.read();
          await();
          return one;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          int count = in.read(bytes, offset, length);
          await();
          return count;
        }

        @Override
        public int available() throws IOException {
          return in.available();
        }

        @Override
        public void close() throws IOException {
          in.close();
        }
      };
    }
  }
}
