package dev.reseolio.server.tls;

import dev.reseolio.server.access.Watched;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts clients whose certificates are of the authority the file holds when a connection begins.
final class ReloadingTrust extends X509ExtendedTrustManager {
  private final Watched<X509ExtendedTrustManager> file;

  ReloadingTrust(Watched<X509ExtendedTrustManager> file) {
    this.file = file;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    file.get().checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    file.get().checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    file.get().checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw noClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw noClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw noClient();
  }

  private static CertificateException noClient() {
    return new CertificateException("a sidecar connects to nobody with this");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return file.get().getAcceptedIssuers();
  }
}
