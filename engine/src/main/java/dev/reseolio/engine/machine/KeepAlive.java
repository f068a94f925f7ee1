package dev.reseolio.engine.machine;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;

/// How a TCP connection learns that its other end is gone without a word. After a second of silence
/// this kernel asks the other one, each second; two questions without an answer, and the connection
/// is broken, 3 s after the last sign of life. The kernel of a process that is busy or frozen
/// answers; that of a machine that is off, or behind a cut, does not. Nothing is asked while data
/// flows, and nothing is noticed while sent data waits for its receipt.
public final class KeepAlive {
  /// Seconds, and questions. Named, not linked: a small Java runtime may lack `jdk.net`.
  private static final Map<String, Integer> OPTIONS =
      Map.of("TCP_KEEPIDLE", 1, "TCP_KEEPINTERVAL", 1, "TCP_KEEPCOUNT", 2);

  private KeepAlive() {}

  /// Begins to ask. Where the system cannot be told how often, its own times hold: two hours on
  /// most.
  public static void on(Socket socket) throws IOException {
    socket.setKeepAlive(true);
    for (SocketOption<?> option : socket.supportedOptions()) {
      Integer value = OPTIONS.get(option.name());
      if (value != null) {
        set(socket, option, value);
      }
    }
  }

  private static <T> void set(Socket socket, SocketOption<T> option, Object value)
      throws IOException {
    socket.setOption(option, option.type().cast(value));
  }
}
