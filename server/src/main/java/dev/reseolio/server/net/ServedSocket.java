package dev.reseolio.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// An accepted connection as the transport sees it: without its encryption, read at the pace that
/// is allowed, and counted until it is closed.
final class ServedSocket extends Socket {
  private final Socket raw;
  private final Encryption encryption;
  private final ConnectionLimit limit;
  private final Pace.OfConnection pace;
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable Streams streams;

  /// Without the encryption.
  private record Streams(InputStream input, OutputStream output) {}

  /// @param raw counted already
  ServedSocket(Socket raw, Encryption encryption, ConnectionLimit limit, Pace pace) {
    this.raw = raw;
    this.encryption = encryption;
    this.limit = limit;
    this.pace = pace.connection(this);
  }

  /// The handshake is made by who asks first, never by who accepts.
  private synchronized Streams streams() throws IOException {
    if (streams == null) {
      var plain = encryption.without(raw);
      streams =
          new Streams(pace.input(plain.getInputStream()), pace.output(plain.getOutputStream()));
    }
    return streams;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return streams().input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return streams().output;
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      limit.leave();
      pace.closed();
    }
    raw.close();
  }

  @Override
  public boolean isClosed() {
    return raw.isClosed();
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
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return raw.getRemoteSocketAddress();
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return raw.getLocalSocketAddress();
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    raw.setTcpNoDelay(on);
  }

  @Override
  public String toString() {
    return "ServedSocket[" + raw + "]";
  }
}
