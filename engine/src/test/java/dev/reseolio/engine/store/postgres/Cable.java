package dev.reseolio.engine.store.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A TCP connection to a server that can be cut: what a killed process or a pulled cable looks like
/// from both ends.
public final class Cable implements AutoCloseable {
  private final ServerSocket entrance;
  private final URI server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  public Cable(String url) throws IOException {
    server = URI.create(url);
    entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /// The URL of the server through this cable.
  public String url() {
    return "postgres://%s@127.0.0.1:%d%s"
        .formatted(server.getUserInfo(), entrance.getLocalPort(), server.getPath());
  }

  /// Closes every connection and takes no new one.
  public void cut() throws IOException {
    cut = true;
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  public void mend() {
    cut = false;
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket near = entrance.accept();
        if (cut) {
          near.close();
        } else {
          connect(near, new Socket(server.getHost(), server.getPort()));
        }
      } catch (IOException e) {
        // Closed, or the server is away: the client sees a connection that ends at once.
      }
    }
  }

  private void connect(Socket near, Socket far) throws IOException {
    near.setTcpNoDelay(true);
    far.setTcpNoDelay(true);
    sockets.add(near);
    sockets.add(far);
    if (cut) {
      near.close();
      far.close();
    }
    join(near, far);
  }

  /// What one says, the other hears, until one of them closes.
  static void join(Socket near, Socket far) {
    Thread.ofVirtual().start(() -> pump(near, far));
    Thread.ofVirtual().start(() -> pump(far, near));
  }

  private static void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // Cut, or one end has closed: the other learns it by the close.
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    cut();
  }
}
