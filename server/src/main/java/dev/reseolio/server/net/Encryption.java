package dev.reseolio.server.net;

import java.io.IOException;
import java.net.Socket;

/// How a connection is encrypted.
public interface Encryption {
  /// Not at all.
  Encryption NONE = raw -> raw;

  /// What is said inside. Returns after the handshake.
  ///
  /// @throws IOException when it fails
  Socket without(Socket raw) throws IOException;
}
