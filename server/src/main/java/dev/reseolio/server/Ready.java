package dev.reseolio.server;

import dev.reseolio.server.config.Address;
import dev.reseolio.server.log.Escape;
import java.net.InetSocketAddress;
import java.util.Optional;

/// Where a sidecar listens, once it does.
///
/// @param http empty when there is no HTTP edge
/// @param node number of this node incarnation
public record Ready(Address grpc, Optional<InetSocketAddress> http, long node) {

  /// The one line on stdout that whoever started the process waits for.
  public String line() {
    return "{\"event\":\"ready\",\"address\":%s,\"http\":%s,\"pid\":%d,\"node\":%d}"
        .formatted(
            Escape.json(grpc.toString()),
            http.map(Ready::text).map(Escape::json).orElse("null"),
            ProcessHandle.current().pid(),
            node);
  }

  private static String text(InetSocketAddress address) {
    return new Address.Tcp(address.getAddress().getHostAddress(), address.getPort()).toString();
  }
}
