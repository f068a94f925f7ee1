package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.Sidecar;
import dev.reseolio.server.StartException;
import dev.reseolio.server.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Starts that are refused before anything listens or any storage is touched.
class StartRefusalsTest {
  /// Nothing answers here: whoever gets as far as the storage fails with another reason.
  private static final String NO_STORAGE =
      "--storage=postgres://x:pw@127.0.0.1:1/x?connect_timeout=1";

  @TempDir Path dir;

  private StartException refusal(String... arguments) {
    var all = new ArrayList<>(List.of(NO_STORAGE));
    all.addAll(List.of(arguments));
    return assertThrows(
        StartException.class, () -> Sidecar.start(ConfigLoader.load(all, Map.of(), dir)));
  }

  private Path file(String name, String text, String permissions) throws IOException {
    Path file = Files.writeString(dir.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:0", "[::]:0", "10.0.0.1:0"})
  void anAddressOfOtherMachinesNeedsTlsAndTokens(String address) throws Exception {
    var tokens = file("tokens", "", "rw-------");
    var tls = Certificate.make(dir, "tls");
    var cert = "--tls-cert=" + tls.file();
    var key = "--tls-key=" + tls.key();
    for (String flag : List.of("--address=", "--http-address=")) {
      for (var given :
          List.of(
              List.of(flag + address),
              List.of(flag + address, "--tokens-file=" + tokens),
              List.of(flag + address, cert, key))) {
        var refused = refusal(given.toArray(String[]::new));
        assertEquals("insecure_bind", refused.reason(), given::toString);
        assertTrue(String.valueOf(refused.getMessage()).contains("--insecure-bind"));
      }
      var both = refusal(flag + address, cert, key, "--tokens-file=" + tokens);
      assertEquals("storage_unreachable", both.reason());
      assertEquals("storage_unreachable", refusal(flag + address, "--insecure-bind").reason());
    }
  }

  @Test
  void secretsThatOthersCanReadAreRefused() throws Exception {
    var open = file("open", "", "rw-r--r--");
    var refused = refusal("--tokens-file=" + open);
    assertEquals("tokens_unusable", refused.reason());
    assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"));
    assertEquals("tokens_unusable", refusal("--tokens-file=" + dir.resolve("none")).reason());
    var tls = Certificate.make(dir, "tls");
    Files.setPosixFilePermissions(tls.key(), PosixFilePermissions.fromString("rw-r--r--"));
    var key = refusal("--tls-cert=" + tls.file(), "--tls-key=" + tls.key());
    assertEquals("tls_unusable", key.reason());
  }

  @Test
  void filesThatAreNoCertificateOrNoKeyAreNamed() throws Exception {
    var one = Certificate.make(dir, "one");
    var other = Certificate.make(dir, "other");
    var junk = file("junk", "nothing", "rw-------");
    for (var pair :
        List.of(
            List.of(junk, one.key()),
            List.of(one.file(), junk),
            List.of(one.file(), other.key()),
            List.of(dir.resolve("none"), one.key()))) {
      var refused = refusal("--tls-cert=" + pair.get(0), "--tls-key=" + pair.get(1));
      assertEquals("tls_unusable", refused.reason(), pair::toString);
      assertFalse(String.valueOf(refused.getMessage()).contains("BEGIN"));
    }
  }
}
