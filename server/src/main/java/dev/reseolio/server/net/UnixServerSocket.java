package dev.reseolio.server.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/// A listening UNIX domain socket as a `ServerSocket`. Its file is 0600 from the first moment,
/// replaces one that nobody listens on any more, and goes away with `close()`.
final class UnixServerSocket extends ServerSocket {
  private final ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  private final ServerSockets.Admission admission;
  private @Nullable SocketFile file;

  UnixServerSocket(ServerSockets.Admission admission) throws IOException {
    this.admission = admission;
  }

  @Override
  public void bind(@Nullable SocketAddress address) throws IOException {
    bind(address, 0);
  }

  /// @throws BindException when somebody listens there, or something else than a socket is there
  @Override
  public void bind(@Nullable SocketAddress address, int backlog) throws IOException {
    if (!(address instanceof UnixDomainSocketAddress unix)) {
      throw new SocketException("not a UNIX socket address: " + address);
    }
    file = SocketFile.bind(channel, unix.getPath(), backlog);
  }

  @Override
  public Socket accept() throws IOException {
    return Patience.accept(this, () -> admission.admit(() -> new UnixSocket(channel.accept())));
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return file == null ? null : UnixDomainSocketAddress.of(file.path());
  }

  @Override
  public int getLocalPort() {
    return -1;
  }

  @Override
  public boolean isBound() {
    return file != null;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (file != null) {
      file.close();
    }
  }

  @Override
  public String toString() {
    return "UnixServerSocket[" + file + "]";
  }
}
