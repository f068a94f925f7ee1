package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/// A self-signed certificate for 127.0.0.1, as PEM files: it is its own authority.
///
/// @param file the certificate; give it to clients as `sslrootcert`
/// @param key its private key, for the server alone
record Certificate(Path file, Path key) {
  private static final String PASSWORD = "changeit";

  /// Makes one with the JDK's keytool.
  static Certificate make(Path folder, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(name + ".p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
    List<String> words =
        List.of(
            keytool,
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
            PASSWORD);
    Path said = folder.resolve(name + ".log");
    var process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertEquals(0, process.waitFor(), () -> "keytool; see " + said);
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    return new Certificate(
        pem(folder, name + ".crt", "CERTIFICATE", made.getCertificate(name).getEncoded()),
        pem(
            folder,
            name + ".key",
            "PRIVATE KEY",
            made.getKey(name, PASSWORD.toCharArray()).getEncoded()));
  }

  private static Path pem(Path folder, String file, String what, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Path path =
        Files.createFile(
            folder.resolve(file),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(
        path, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, body, what));
  }
}
