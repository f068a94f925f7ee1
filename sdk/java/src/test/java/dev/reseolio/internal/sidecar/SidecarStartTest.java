package dev.reseolio.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.ReseolioException;
import dev.reseolio.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens when the command is missing or does not do what a sidecar does.
class SidecarStartTest {
  @TempDir Path directory;

  private Path script(String body) throws IOException {
    Path file = Files.writeString(directory.resolve("reseolio"), "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String failure(Sidecar options, Map<String, String> environment) {
    try (OwnSidecar sidecar =
        new OwnSidecar(
            new Launch(options, Optional.of("secret-storage"), environment), code -> {})) {
      ReseolioException e = assertThrows(ReseolioException.class, sidecar::locate);
      assertEquals("sidecar_failed", e.code());
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void aMissingExecutableTellsWhereItLooked() {
    String message = failure(Sidecar.defaults(), Map.of("PATH", "/nowhere:/neither"));
    assertTrue(
        message.contains("RESEOLIO_BIN")
            && message.contains("/nowhere/reseolio")
            && message.contains("/neither/reseolio"),
        message);
  }

  @Test
  void aWrongPathIsNamedWithItsSource() {
    assertTrue(
        failure(Sidecar.defaults(), Map.of("RESEOLIO_BIN", "/nowhere/x"))
            .contains("/nowhere/x, named by RESEOLIO_BIN"));
    assertTrue(
        failure(Sidecar.defaults().executable(Path.of("/nowhere/y")), Map.of())
            .contains("named by Sidecar.executable"));
  }

  @Test
  void anExitBeforeReadyQuotesTheLastErrorLine() throws IOException {
    Path script =
        script("echo starting >&2; echo 'ERROR no such database' >&2; echo bye >&2; exit 3");
    String message = failure(Sidecar.defaults().executable(script), Map.of());
    assertTrue(message.contains("code 3") && message.contains("no such database"), message);
  }

  @Test
  void aSidecarThatDoesNotGetReadyIsGivenUp() throws IOException {
    Path script = script("exec sleep 60");
    String message =
        failure(
            Sidecar.defaults().executable(script).startTimeout(Duration.ofMillis(300)), Map.of());
    assertTrue(message.contains("not ready after PT0.3S"), message);
  }

  @Test
  void theStorageIsInTheEnvironmentAndNotInTheArguments() throws IOException {
    Path script = script("echo \"error: args $*, storage $RESEOLIO_STORAGE\" >&2; exit 1");
    String message = failure(Sidecar.defaults().executable(script), Map.of());
    assertTrue(
        message.contains(
            "args server --address 127.0.0.1:0 --http-address 127.0.0.1:0 --exit-with-parent, storage secret-storage"),
        message);
  }

  @Test
  void theReadyLineIsParsed() {
    String line =
        "{\"event\":\"ready\",\"address\":\"127.0.0.1:41234\",\"http\":\"127.0.0.1:41235\",\"pid\":123,\"node\":7}";
    assertEquals(Optional.of(new ReadyLine("127.0.0.1:41234", 123, line)), ReadyLine.parse(line));
    assertFalse(ReadyLine.parse("{\"event\":\"starting\"}").isPresent());
    assertFalse(ReadyLine.parse("").isPresent());
  }

  @Test
  void theDirectoryOfASharedSidecarIsTheSameInEverySdk() {
    // printf %s postgres://localhost/app | sha256sum | cut -c1-16
    assertEquals("18aab8cf751624b9", SharedSidecar.hash("postgres://localhost/app"));
  }
}
