package dev.reseolio.server.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where to listen. `toString()` is what one would write in the configuration.
public sealed interface Address {
  /// Longest path the kernel takes for a UNIX socket, in bytes.
  int LONGEST_PATH = 107;

  /// A host name or literal and a port; 0 = any free port.
  record Tcp(String host, int port) implements Address {
    private static final Pattern TEXT =
        Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]/\\s]+)):(\\d{1,5})");
    private static final int HIGHEST_PORT = 65_535;

    @Override
    public boolean isLocal() {
      return resolve().isLoopbackAddress();
    }

    @Override
    public InetSocketAddress socketAddress() {
      return new InetSocketAddress(resolve(), port);
    }

    private InetAddress resolve() {
      try {
        return InetAddress.getAllByName(host)[0];
      } catch (UnknownHostException e) {
        throw new ConfigException(
            "The host '%s' of address '%s' is unknown. Use an address of this machine, such as 127.0.0.1."
                .formatted(host, this));
      }
    }

    @Override
    public Address withPort(int bound) {
      return new Tcp(host, bound);
    }

    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /// A UNIX domain socket at an absolute or relative path.
  record Unix(Path path) implements Address {
    @Override
    public boolean isLocal() {
      return true;
    }

    @Override
    public SocketAddress socketAddress() {
      return UnixDomainSocketAddress.of(path);
    }

    @Override
    public Address withPort(int bound) {
      return this;
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /// True when only this machine can connect.
  ///
  /// @throws ConfigException when the host is unknown
  boolean isLocal();

  /// What to bind.
  ///
  /// @throws ConfigException when the host is unknown
  SocketAddress socketAddress();

  /// The same with the port it was bound to; a socket in the file system has none.
  Address withPort(int bound);

  static @Nullable Address parse(String text) {
    return text.startsWith("unix:") ? unix(text.substring("unix:".length())) : tcp(text);
  }

  static @Nullable Tcp tcp(String text) {
    var match = Tcp.TEXT.matcher(text);
    if (!match.matches()) {
      return null;
    }
    var port = Integer.parseInt(match.group(3));
    var host = match.group(1) != null ? match.group(1) : match.group(2);
    return port > Tcp.HIGHEST_PORT || host == null ? null : new Tcp(host, port);
  }

  private static @Nullable Unix unix(String path) {
    if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new IllegalArgumentException(
          "a socket path has at most 107 bytes; choose a shorter one");
    }
    return path.isEmpty() ? null : new Unix(Path.of(path));
  }
}
