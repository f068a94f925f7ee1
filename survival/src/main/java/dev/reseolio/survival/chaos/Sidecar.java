package dev.reseolio.survival.chaos;

import dev.reseolio.survival.Databases;
import dev.reseolio.survival.Node;
import dev.reseolio.survival.Proxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// One place in the cluster: a sidecar on a port that stays, its ways to the databases, its worker.
final class Sidecar implements AutoCloseable {
  private final int number;
  private final Databases databases;
  private final Settings settings;
  private final int port;
  private final List<Proxy> wires = new ArrayList<>();
  private volatile Node node;

  Sidecar(int number, Databases databases, Settings settings) throws IOException {
    this.number = number;
    this.databases = databases;
    this.settings = settings;
    try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = probe.getLocalPort();
    }
    for (int slot = 0; slot < databases.slots(); slot++) {
      int to = slot;
      wires.add(Proxy.to(() -> databases.port(to)));
    }
    node = launch();
  }

  private Node launch() throws IOException {
    Path log = settings.folder().resolve("sidecar" + number + ".log");
    String storage = databases.url(wires.stream().map(Proxy::port).toList());
    return Node.launch(storage, "127.0.0.1:" + port, log, options(settings)).ready();
  }

  static List<String> options(Settings settings) {
    return List.of("--dead-after", settings.deadAfter(), "--drain-grace", "5s");
  }

  void restart() throws IOException {
    node = launch();
  }

  Node node() {
    return node;
  }

  int port() {
    return port;
  }

  List<Proxy> wires() {
    return wires;
  }

  /// The number of its present incarnation, as the database knows it.
  int incarnation() throws SQLException {
    return (int) databases.one(incarnation(node));
  }

  /// The query for that number; it finds 0 when the last one was fenced.
  static String incarnation(Node node) {
    return "SELECT coalesce(max(id), 0) FROM reseolio.node WHERE state = 1 AND name LIKE '%/"
        + node.pid()
        + "'";
  }

  @Override
  public String toString() {
    return "sidecar" + number;
  }

  @Override
  public void close() throws IOException {
    node.close();
    for (Proxy wire : wires) {
      wire.close();
    }
  }
}
