package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server with a certificate of its own.
class TlsTest {
  private static final String ENCRYPTED =
      "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

  @TempDir static Path folder;
  @TempDir static Path others;
  private static @Nullable EmbeddedPostgres server;
  private static @Nullable Certificate own;
  private static @Nullable Certificate other;

  @BeforeAll
  static void start() throws Exception {
    own = Certificate.make(folder, "server"); // In the server's folder: its user must read the key.
    other = Certificate.make(others, "other");
    server =
        TestPostgres.builder(folder)
            .setting("ssl", "on")
            .setting("ssl_cert_file", own.file().toString())
            .setting("ssl_key_file", own.key().toString())
            .start();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /// The server's URL; its password must never be told.
  private static String url(String host, String parameters) {
    return Objects.requireNonNull(server).url().replace("127.0.0.1", host) + "?" + parameters;
  }

  private static Path own() {
    return Objects.requireNonNull(own).file();
  }

  private static Path other() {
    return Objects.requireNonNull(other).file();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefer", "require", "verify-ca", "verify-full"})
  void everySessionIsEncrypted(String mode) {
    assertEquals("t", encrypted(url("127.0.0.1", "sslmode=" + mode + "&sslrootcert=" + own())));
  }

  @Test
  void withoutACertificateToCheckItIsEncryptedAllTheSame() {
    assertEquals("t", encrypted(url("127.0.0.1", "sslmode=require")));
    assertEquals("f", encrypted(url("127.0.0.1", "sslmode=disable")));
  }

  private static String encrypted(String url) {
    try (PostgresStore store = PostgresStore.open(PostgresUrl.parse(url), "reseolio", 2)) {
      assertFalse(store.now().isBefore(java.time.Instant.EPOCH));
      return store
          .connections()
          .with(connection -> String.valueOf(StoreFixture.text(connection, ENCRYPTED)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"require", "verify-ca", "verify-full"})
  void aCertificateOfSomebodyElseIsRefused(String mode) {
    String message = refused(url("127.0.0.1", "sslmode=" + mode + "&sslrootcert=" + other()));
    assertTrue(message.contains("sslrootcert"), message);
  }

  @Test
  void theCertificateOfAnotherHostIsRefused() {
    assertTrue(
        refused(url("localhost", "sslmode=verify-full&sslrootcert=" + own()))
            .contains("localhost"));
    assertEquals("t", encrypted(url("localhost", "sslmode=verify-ca&sslrootcert=" + own())));
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("missing.crt");
    assertFalse(Files.exists(missing));
    assertTrue(
        refused(url("127.0.0.1", "sslmode=verify-full&sslrootcert=" + missing))
            .contains(missing.toString()));
  }

  @Test
  void aServerWithoutTlsIsRefused() {
    refused(TestPostgres.newDatabase() + "?sslmode=require");
  }

  @Test
  void aMissingPasswordIsARefusedLogin() {
    String url = url("127.0.0.1", "sslmode=require").replaceFirst(":[^:@/]*@", "@");
    StorageStartException refused = assertThrows(StorageStartException.class, () -> encrypted(url));
    assertEquals(Reason.STORAGE_AUTH_FAILED, refused.reason(), refused.getMessage());
  }

  private static String refused(String url) {
    StorageStartException refused = assertThrows(StorageStartException.class, () -> encrypted(url));
    String message = String.valueOf(refused.getMessage());
    System.out.println(refused.reason().code() + ": " + message);
    assertEquals(Reason.STORAGE_TLS_FAILED, refused.reason());
    String password = PostgresUrl.parse(url).properties().getProperty("password", "no password");
    assertFalse(message.contains(password), message);
    return message;
  }
}
