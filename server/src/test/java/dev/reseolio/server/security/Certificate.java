package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A self-signed certificate for 127.0.0.1 as PEM files, made by the JDK's keytool; it is its own
/// authority.
record Certificate(Path file, Path key, KeyStore store) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  static Certificate make(Path folder, String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    var words =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
            "-genkeypair",
            "-alias",
            name,
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=ip:127.0.0.1",
            "-keystore",
            store.toString(),
            "-storepass",
            new String(PASSWORD));
    Path said = folder.resolve(name + ".log");
    var keytool =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertEquals(0, keytool.waitFor(), () -> "keytool; see " + said);
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new Certificate(
        write(folder.resolve(name + ".crt"), "CERTIFICATE", made.getCertificate(name).getEncoded()),
        write(
            folder.resolve(name + ".key"), "PRIVATE KEY", made.getKey(name, PASSWORD).getEncoded()),
        made);
  }

  private static Path write(Path file, String what, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, body, what));
  }

  /// For a client that trusts this certificate and shows its own.
  static SSLContext context(Certificate trusted, Certificate own) throws Exception {
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore authority = KeyStore.getInstance("PKCS12");
    authority.load(null, null);
    String alias = trusted.store().aliases().nextElement();
    authority.setCertificateEntry("ca", trusted.store().getCertificate(alias));
    trust.init(authority);
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own.store(), PASSWORD);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
