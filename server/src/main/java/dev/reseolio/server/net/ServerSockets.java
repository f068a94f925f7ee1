package dev.reseolio.server.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import javax.net.ServerSocketFactory;

/// Makes the unbound server socket for an address: UNIX or TCP.
public final class ServerSockets extends ServerSocketFactory {
  private final boolean unix;
  private final Admission admission;

  private ServerSockets(boolean unix, Admission admission) {
    this.unix = unix;
    this.admission = admission;
  }

  /// @param limit how many connections there may be
  /// @param pace what holds back their reading
  public static ServerSocketFactory forAddress(
      SocketAddress address, Encryption encryption, ConnectionLimit limit, Pace pace) {
    return new ServerSockets(
        address instanceof UnixDomainSocketAddress, new Admission(encryption, limit, pace));
  }

  /// What becomes of those who connect.
  record Admission(Encryption encryption, ConnectionLimit limit, Pace pace) {
    /// The first that there is room for. Others are closed.
    Socket admit(Patience.Accept accept) throws IOException {
      while (true) {
        var raw = accept.accept();
        if (limit.enter()) {
          return new ServedSocket(raw, encryption, limit, pace);
        }
        raw.close();
      }
    }
  }

  @Override
  public ServerSocket createServerSocket() throws IOException {
    return unix ? new UnixServerSocket(admission) : new PatientServerSocket(admission);
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
