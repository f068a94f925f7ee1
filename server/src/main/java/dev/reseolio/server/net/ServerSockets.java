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
  private final Pace pace;

  private ServerSockets(boolean unix, ConnectionLimit limit, Pace pace) {
    this.unix = unix;
    this.limit = limit;
    this.pace = pace;
  }

  /// @param limit how many connections there may be
  /// @param pace what holds back their reading
  public static ServerSocketFactory forAddress(
      SocketAddress address, ConnectionLimit limit, Pace pace) {
    return new ServerSockets(address instanceof UnixDomainSocketAddress, limit, pace);
  }

  @Override
  public ServerSocket createServerSocket() throws IOException {
    return unix ? new UnixServerSocket(limit, pace) : new PatientServerSocket(limit, pace);
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
