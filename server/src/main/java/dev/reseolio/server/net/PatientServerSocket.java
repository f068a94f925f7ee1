package dev.reseolio.server.net;

import dev.reseolio.engine.machine.KeepAlive;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/// A TCP server socket whose `accept()` fails only when it is closed, see `Patience`, and which
/// closes at once what its limit has no room for. A connection whose other end is gone without a
/// word is noticed within 3 s.
final class PatientServerSocket extends ServerSocket {
  private final ServerSockets.Admission admission;

  PatientServerSocket(ServerSockets.Admission admission) throws IOException {
    this.admission = admission;
  }

  @Override
  public Socket accept() throws IOException {
    return Patience.accept(this, () -> admission.admit(() -> watched(super.accept())));
  }

  /// A client on this machine cannot go without its kernel's telling.
  private static Socket watched(Socket socket) throws IOException {
    if (!socket.getInetAddress().isLoopbackAddress()) {
      try {
        KeepAlive.on(socket);
      } catch (IOException | UnsupportedOperationException gone) {
        socket.close(); // Whoever reads from it finds out.
      }
    }
    return socket;
  }
}
