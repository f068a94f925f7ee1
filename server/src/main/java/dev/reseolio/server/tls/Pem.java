package dev.reseolio.server.tls;

import dev.reseolio.server.access.PrivateFile;
import dev.reseolio.server.access.UnusableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Certificates and keys as `openssl` writes them.
final class Pem {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

  private Pem() {}

  /// At least one certificate.
  static List<X509Certificate> certificates(Path file) throws UnusableFileException {
    try (var in = Files.newInputStream(file)) {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw new UnusableFileException(
            "'%s' holds no certificate; it must have one or more in PEM form".formatted(file));
      }
      return certificates;
    } catch (IOException | CertificateException e) {
      throw new UnusableFileException(
          "'%s' cannot be read as certificates (%s); it must have one or more in PEM form"
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  /// A key that only its owner may read.
  static PrivateKey key(Path file) throws UnusableFileException {
    var match = KEY.matcher(PrivateFile.read(file));
    if (match.find()) {
      var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(match.group(1)));
      var key = ALGORITHMS.stream().flatMap(kind -> key(kind, spec).stream()).findFirst();
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw new UnusableFileException(
        "'%s' holds no private key in PKCS#8 form without a password; 'openssl pkcs8 -topk8 -nocrypt -in <key>' makes one"
            .formatted(file));
  }

  /// Empty when the key is of another kind.
  private static Optional<PrivateKey> key(String algorithm, PKCS8EncodedKeySpec spec) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }
}
