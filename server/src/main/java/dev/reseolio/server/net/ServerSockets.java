package dev.reseolio.server.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import javax.net.ServerSocketFactory;

/// Makes the unbound server socket for an address: UNIX or TCP.
public final class ServerSockets extends ServerSocketFactory {
  private final boolean unix;
  private final ConnectionLimit limit;
  private final Backlog backlog;

  private ServerSockets(boolean unix, ConnectionLimit limit, Backlog backlog) {
    this.unix = unix;
    this.limit = limit;
    this.backlog = backlog;
  }

  /// @param limit how many connections there may be
  /// @param backlog what holds back their reading
  public static ServerSocketFactory forAddress(
      SocketAddress address, ConnectionLimit limit, Backlog backlog) {
    return new ServerSockets(address instanceof UnixDomainSocketAddress, limit, backlog);
  }

  @Override
  public ServerSocket createServerSocket() throws IOException {
    return unix ? new UnixServerSocket(limit, backlog) : new PatientServerSocket(limit, backlog);
  }

  @Override
  public ServerSocket createServerSocket(int port) throws IOException {
    throw new SocketException("bind the socket yourself");
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog) throws IOException {
    throw new SocketException("bind the socket yourself");
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
      throws IOException {
    throw new SocketException("bind the socket yourself");
  }
}
