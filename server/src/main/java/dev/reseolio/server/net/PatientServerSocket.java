package dev.reseolio.server.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/// A TCP server socket whose `accept()` fails only when it is closed, see `Patience`, and which
/// closes at once what its limit has no room for.
final class PatientServerSocket extends ServerSocket {
  private final ConnectionLimit limit;

  PatientServerSocket(ConnectionLimit limit) throws IOException {
    this.limit = limit;
  }

  @Override
  public Socket accept() throws IOException {
    return Patience.accept(this, this::acceptOne);
  }

  private Socket acceptOne() throws IOException {
    while (true) {
      var socket = new CountedSocket(limit);
      implAccept(socket);
      if (socket.enter()) {
        return socket;
      }
      socket.close();
    }
  }
}
