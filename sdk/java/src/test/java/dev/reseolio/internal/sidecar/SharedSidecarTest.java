package dev.reseolio.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.reseolio.Sidecar;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Who shares a sidecar with whom.
class SharedSidecarTest {
  private static String found(Optional<String> storage, Map<String, String> environment) {
    return new SharedSidecar(
            new Launch(Sidecar.defaults().shared(true), storage, environment), Path.of("home"))
        .toString();
  }

  @Test
  void theStorageOfTheEnvironmentIsNotSharedWithAnother() {
    var a = Map.of("RESEOLIO_STORAGE", "postgres://localhost/a");
    var b = Map.of("RESEOLIO_STORAGE", "postgres://localhost/b");
    assertNotEquals(found(Optional.empty(), a), found(Optional.empty(), b));
    assertNotEquals(found(Optional.empty(), a), found(Optional.empty(), Map.of()));
    assertEquals(found(Optional.of("postgres://localhost/a"), b), found(Optional.empty(), a));
  }

  @Test
  void embeddedDatabasesInTwoFoldersAreTwo() {
    var a = Map.of("RESEOLIO_DATA_DIR", "a");
    assertNotEquals(found(Optional.empty(), a), found(Optional.empty(), Map.of()));
    assertEquals(
        found(Optional.empty(), Map.of("RESEOLIO_DATA_DIR", ".reseolio")),
        found(Optional.empty(), Map.of()));
  }
}
