package dev.reseolio.server.tls;

import dev.reseolio.server.access.UnusableFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// Managers of the JDK for what PEM files hold.
final class Identity {
  private static final char[] NO_PASSWORD = new char[0];

  private Identity() {}

  /// Shows a certificate.
  static X509ExtendedKeyManager keys(Path certificate, Path key) throws UnusableFileException {
    List<X509Certificate> chain = Pem.certificates(certificate);
    PrivateKey secret = Pem.key(key);
    try {
      if (!belong(chain.getFirst(), secret)) {
        throw new UnusableFileException(
            "The key in '%s' is not that of the certificate in '%s'; replace both"
                .formatted(key, certificate));
      }
      KeyStore store = empty();
      store.setKeyEntry("server", secret, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return only(X509ExtendedKeyManager.class, factory.getKeyManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(certificate, e);
    }
  }

  /// Asks others for certificates of an authority.
  static X509ExtendedTrustManager trust(Path authority) throws UnusableFileException {
    List<X509Certificate> certificates = Pem.certificates(authority);
    try {
      KeyStore store = empty();
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("authority-" + i, certificates.get(i));
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return only(X509ExtendedTrustManager.class, factory.getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(authority, e);
    }
  }

  /// A key that signs what the certificate's key confirms.
  private static boolean belong(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (certificate.getPublicKey().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    if (!kind(key).equals(kind(certificate.getPublicKey()))) {
      return false;
    }
    byte[] text = {1, 2, 3};
    var signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(text);
    return signature.verify(signed);
  }

  private static String kind(java.security.Key key) {
    return key.getAlgorithm();
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static <T> T only(Class<T> type, Object[] managers) {
    return Arrays.stream(managers)
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  private static UnusableFileException unusable(Path file, Exception why) {
    return new UnusableFileException(
        "'%s' cannot be used for TLS (%s); it must be a PEM file with a certificate"
            .formatted(file, why.getClass().getSimpleName()));
  }
}
