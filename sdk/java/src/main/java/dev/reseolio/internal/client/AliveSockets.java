package dev.reseolio.internal.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;
import javax.net.SocketFactory;

/// Makes sockets that notice within 3 s that the sidecar's machine is gone: after a second of
/// silence the kernels ask each other, each second, and two questions without an answer break the
/// connection. A sidecar on this machine cannot go without its kernel's telling.
final class AliveSockets extends SocketFactory {
  /// Seconds, and questions. Named, not linked: a small Java runtime may lack `jdk.net`.
  private static final Map<String, Integer> OPTIONS =
      Map.of("TCP_KEEPIDLE", 1, "TCP_KEEPINTERVAL", 1, "TCP_KEEPCOUNT", 2);

  @Override
  public Socket createSocket() {
    return new Socket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return alive(new Socket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return alive(new Socket(host, port, from, fromPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return alive(new Socket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return alive(new Socket(host, port, from, fromPort));
  }

  private static Socket alive(Socket socket) throws IOException {
    if (!socket.getInetAddress().isLoopbackAddress()) {
      socket.setKeepAlive(true);
      for (SocketOption<?> option : socket.supportedOptions()) {
        Integer value = OPTIONS.get(option.name());
        if (value != null) {
          set(socket, option, value);
        }
      }
    }
    return socket;
  }

  private static <T> void set(Socket socket, SocketOption<T> option, Object value)
      throws IOException {
    socket.setOption(option, option.type().cast(value));
  }
}
