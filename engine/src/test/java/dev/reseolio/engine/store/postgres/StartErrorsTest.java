package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class StartErrorsTest {
  private static StorageStartException refused(String url) {
    StorageStartException refused =
        assertThrows(
            StorageStartException.class,
            () -> PostgresStore.open(PostgresUrl.parse(url), "reseolio", 1).close());
    System.out.println(refused.reason().code() + ": " + refused.getMessage());
    return refused;
  }

  @ParameterizedTest
  @ValueSource(strings = {"13.22", "9.6.24"})
  void aServerThatIsTooOldIsToldBeforeItRefusesOurSettings(String version) throws Exception {
    try (FakePostgres server = new FakePostgres(version)) {
      StorageStartException refused = refused(server.url());
      assertEquals(Reason.STORAGE_TOO_OLD, refused.reason());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("version " + version), message);
      assertTrue(message.contains("14 or later"), message);
    }
  }

  @Test
  void aListenerThatSaysNothingIsNotWaitedForLong() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      StorageStartException refused =
          refused(
              "postgres://u@127.0.0.1:%d/db?sslmode=disable&connect_timeout=1"
                  .formatted(silent.getLocalPort()));
      assertEquals(Reason.STORAGE_UNREACHABLE, refused.reason());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("says nothing"), message);
    }
  }

  @Test
  void aPoolerThatRefusesDoesSpeakTheProtocol() {
    var errors = new StartErrors(PostgresUrl.parse("postgres://u@h/db"), "reseolio");
    var pooler =
        new PSQLException(new ServerErrorMessage("SFATAL\0C08P01\0Mno such database: db\0"));
    StorageStartException refused = errors.of(pooler);
    assertEquals(Reason.STORAGE_FAILED, refused.reason());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("no such database: db"), message);
  }
}
