package dev.reseolio.server.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/// A TCP server socket whose `accept()` fails only when it is closed; see `Patience`.
final class PatientServerSocket extends ServerSocket {
  PatientServerSocket() throws IOException {}

  @Override
  public Socket accept() throws IOException {
    return Patience.accept(this, super::accept);
  }
}
