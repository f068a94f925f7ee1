package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/// A connected UNIX domain socket as a `Socket`, at either end. Reading and writing at the same
/// time is fine. Options of TCP are accepted and mean nothing; a read timeout is not supported and
/// ignored (HTTP/2 keep-alive watches the connection).
final class UnixSocket extends Socket {
  private static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  private final SocketChannel channel;

  UnixSocket(SocketChannel channel) {
    this.channel = channel;
  }

  /// A client's socket.
  static UnixSocket open(SocketAddress address) throws IOException {
    return new UnixSocket(SocketChannel.open(address));
  }

  @Override
  public InputStream getInputStream() {
    return Channels.newInputStream(channel);
  }

  @Override
  public OutputStream getOutputStream() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return address(true);
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return address(false);
  }

  private SocketAddress address(boolean remote) {
    try {
      var address = remote ? channel.getRemoteAddress() : channel.getLocalAddress();
      return address == null ? UNNAMED : address;
    } catch (IOException e) {
      return UNNAMED;
    }
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isBound() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void shutdownInput() throws IOException {
    channel.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setSoTimeout(int millis) {}

  @Override
  public int getSoTimeout() {
    return 0;
  }

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public boolean getKeepAlive() {
    return false;
  }

  @Override
  public int getSoLinger() {
    return -1;
  }

  @Override
  public String toString() {
    return "UnixSocket[" + getLocalSocketAddress() + "]";
  }
}
