package dev.reseolio.server.tls;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import dev.reseolio.server.access.UnusableFileException;
import dev.reseolio.server.access.Watched;
import dev.reseolio.server.config.TlsFiles;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// What the edges show and ask for, the same on both. A replaced file counts from the next
/// connection on.
public final class Tls {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final KeyManager keys;
  private final Optional<TrustManager> clients;

  private Tls(KeyManager keys, Optional<TrustManager> clients) {
    this.keys = keys;
    this.clients = clients;
  }

  /// @throws UnusableFileException when a file cannot be used as it is
  public static Tls open(TlsFiles files) throws UnusableFileException {
    var identity =
        Watched.of(
            List.of(files.certificate(), files.key()),
            () -> Identity.keys(files.certificate(), files.key()));
    return new Tls(new ReloadingKeys(identity), clients(files));
  }

  private static Optional<TrustManager> clients(TlsFiles files) throws UnusableFileException {
    if (files.clientAuthority().isEmpty()) {
      return Optional.empty();
    }
    var authority = files.clientAuthority().get();
    return Optional.of(
        new ReloadingTrust(Watched.of(List.of(authority), () -> Identity.trust(authority))));
  }

  /// For the gRPC server. Its library offers TLS 1.2 only, and of its suites those with forward
  /// secrecy.
  public ServerCredentials forGrpc() {
    var credentials = TlsServerCredentials.newBuilder().keyManager(keys);
    clients.ifPresent(trust ->
        credentials.trustManager(trust).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE));
    return credentials.build();
  }

  /// For the HTTP server.
  public HttpsConfigurator forHttp() {
    boolean mutual = clients.isPresent();
    return new HttpsConfigurator(context()) {
      @Override
      public void configure(HttpsParameters parameters) {
        var ours = getSSLContext().getDefaultSSLParameters();
        ours.setProtocols(PROTOCOLS);
        ours.setNeedClientAuth(mutual);
        parameters.setSSLParameters(ours);
      }
    };
  }

  private SSLContext context() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, clients.stream().toArray(TrustManager[]::new), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK speaks TLS", e);
    }
  }
}
