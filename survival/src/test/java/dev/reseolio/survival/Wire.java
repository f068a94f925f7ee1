package dev.reseolio.survival;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/// A network between a sidecar and PostgreSQL that can be cut: a proxy that stops carrying. Its way
/// to PostgreSQL starts at a loopback address of its own; where the system lets us, a black hole in
/// the way back keeps the kernels from answering for each other, as a cut network would. Elsewhere
/// only silence tells.
final class Wire implements AutoCloseable {
  private final ServerSocket door;
  private final InetSocketAddress server;
  private final String source;
  private final boolean holes;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private Wire(ServerSocket door, InetSocketAddress server, String source) {
    this.door = door;
    this.server = server;
    this.source = source;
    this.holes = route("add") && route("del");
    Thread.ofPlatform().daemon().start(this::accept);
  }

  static Wire to(int port) throws IOException {
    var random = ThreadLocalRandom.current();
    String source = "127.9.%d.%d".formatted(random.nextInt(1, 255), random.nextInt(1, 255));
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    return new Wire(
        new ServerSocket(0, 50, loopback), new InetSocketAddress(loopback, port), source);
  }

  int port() {
    return door.getLocalPort();
  }

  /// Without black holes a cut looks like a frozen node.
  String[] options() {
    return holes ? new String[] {} : new String[] {"--dead-after", "4s", "--beat-interval", "1s"};
  }

  void cut() {
    cut = true;
    if (holes) {
      route("add");
    }
  }

  void heal() {
    cut = false;
    if (holes) {
      route("del");
    }
  }

  private boolean route(String verb) {
    return Signals.run("ip", "route", verb, "blackhole", source + "/32", "table", "local");
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket inside = door.accept();
        sockets.add(inside);
        Thread.ofPlatform().daemon().start(() -> connect(inside));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket inside) {
    while (cut && !door.isClosed()) {
      LockSupport.parkNanos(1_000_000);
    }
    try {
      Socket outside = new Socket();
      sockets.add(outside);
      outside.bind(new InetSocketAddress(source, 0));
      outside.setTcpNoDelay(true);
      inside.setTcpNoDelay(true);
      outside.connect(server, 5000);
      Thread.ofPlatform().daemon().start(() -> carry(inside, outside));
      carry(outside, inside);
    } catch (IOException e) {
      close(inside);
    }
  }

  private void carry(Socket from, Socket to) {
    byte[] buffer = new byte[16_384];
    try {
      for (int n; (n = from.getInputStream().read(buffer)) >= 0; ) {
        while (cut) {
          LockSupport.parkNanos(1_000_000);
        }
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException broken) {
      // Both ends are told below.
    }
    while (cut && !door.isClosed()) {
      LockSupport.parkNanos(1_000_000);
    }
    close(from);
    close(to);
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // Gone already.
    }
  }

  @Override
  public void close() throws IOException {
    if (cut) {
      heal();
    }
    door.close();
    sockets.forEach(this::close);
  }

  @Override
  public String toString() {
    return holes ? "a black hole" : "a silent proxy";
  }
}
