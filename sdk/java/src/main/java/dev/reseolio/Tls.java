package dev.reseolio;

import dev.reseolio.internal.Check;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// How the connection to a sidecar is encrypted.
///
/// @param authorityOrNull PEM file of the authority that signed the sidecar's certificate; null:
///   those the JDK trusts
/// @param certificateOrNull PEM file of a certificate to show, or null
/// @param keyOrNull its key, PKCS#8 PEM; null as well when there is no certificate
public record Tls(
    @Nullable Path authorityOrNull, @Nullable Path certificateOrNull, @Nullable Path keyOrNull) {
  private static final Tls SYSTEM = new Tls(null, null, null);

  public Tls {
    if ((certificateOrNull == null) != (keyOrNull == null)) {
      throw Check.invalid(
          keyOrNull == null
              ? "tls has a certificate but no key for it; give both or neither"
              : "tls has a key but no certificate for it; give both or neither");
    }
  }

  /// The sidecar's certificate is of an authority the JDK trusts.
  public static Tls system() {
    return SYSTEM;
  }

  /// The sidecar's certificate is of this authority, a PEM file.
  public static Tls authority(Path file) {
    return new Tls(file, null, null);
  }

  /// Shows a certificate, for a sidecar with `tls-client-ca`.
  public Tls clientCertificate(Path certificate, Path key) {
    return new Tls(authorityOrNull, certificate, key);
  }
}
