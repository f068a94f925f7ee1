package dev.reseolio.server.net;

import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import javax.net.SocketFactory;

/// gRPC channels over a UNIX socket, for tests: every connection goes to the file.
public final class UnixChannels {
  private UnixChannels() {}

  public static ManagedChannel to(Path path) {
    return OkHttpChannelBuilder.forAddress("127.0.0.1", 1)
        .socketFactory(new Factory(path))
        .usePlaintext()
        .build();
  }

  private static final class Factory extends SocketFactory {
    private final Path path;

    Factory(Path path) {
      this.path = path;
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return UnixSocket.open(UnixDomainSocketAddress.of(path));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return UnixSocket.open(UnixDomainSocketAddress.of(path));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new SocketException("not needed");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new SocketException("not needed");
    }
  }
}
