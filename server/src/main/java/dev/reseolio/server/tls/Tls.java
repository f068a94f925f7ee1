package dev.reseolio.server.tls;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import dev.reseolio.server.access.UnusableFileException;
import dev.reseolio.server.access.Watched;
import dev.reseolio.server.config.TlsFiles;
import dev.reseolio.server.net.Encryption;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// What the edges show and ask for, the same on both. A replaced file counts from the next
/// connection on.
public final class Tls {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final String HTTP_2 = "h2";
  private static final @Nullable InputStream NOTHING_READ = null;

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

  /// For the gRPC server: HTTP/2 and nothing else.
  public Encryption forGrpc() {
    var context = context();
    var parameters = parameters(context);
    parameters.setApplicationProtocols(new String[] {HTTP_2});
    parameters.setCipherSuites(
        Arrays.stream(parameters.getCipherSuites()).filter(Tls::isForHttp2).toArray(String[]::new));
    return raw -> {
      var socket = (SSLSocket) context.getSocketFactory().createSocket(raw, NOTHING_READ, true);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      if (!HTTP_2.equals(socket.getApplicationProtocol())) {
        socket.close();
        throw new SSLHandshakeException("the client does not ask for HTTP/2 (ALPN h2)");
      }
      return socket;
    };
  }

  /// Forward secrecy and authenticated encryption: RFC 9113, appendix A, forbids the others.
  private static boolean isForHttp2(String suite) {
    boolean forward = !suite.contains("_WITH_") || suite.startsWith("TLS_ECDHE_");
    return forward && (suite.contains("_GCM_") || suite.contains("_CHACHA20_"));
  }

  /// For the HTTP server.
  public HttpsConfigurator forHttp() {
    return new HttpsConfigurator(context()) {
      @Override
      public void configure(HttpsParameters parameters) {
        parameters.setSSLParameters(parameters(getSSLContext()));
      }
    };
  }

  private SSLParameters parameters(SSLContext context) {
    var parameters = context.getDefaultSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setNeedClientAuth(clients.isPresent());
    return parameters;
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
