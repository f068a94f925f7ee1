package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.FunctionOptions;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioBuilder;
import dev.reseolio.ReseolioException;
import dev.reseolio.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A sidecar process with TLS, client certificates and tokens, and none of its secrets anywhere
/// they do not belong.
@Tag("sidecar")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecuredIT {
  private static final String PASSWORD = "changeit";

  @TempDir static Path dir;
  private String address = "";
  private String good = "";
  private String viewer = "";

  @SuppressWarnings("NullAway.Init") // by start()
  private Process sidecar;

  @BeforeAll
  void start() throws Exception {
    certificate("server");
    certificate("client");
    Path tokens = dir.resolve("tokens");
    good = reseolio("token", "create", "--role=client,worker", "--file=" + tokens);
    viewer = reseolio("token", "create", "--role=viewer", "--file=" + tokens);
    sidecar =
        new ProcessBuilder(
                SidecarIT.executable().toString(),
                "server",
                "--address=127.0.0.1:0",
                "--http-address=off",
                "--log-level=debug",
                "--tokens-file=" + tokens,
                "--tls-cert=" + dir.resolve("server.crt"),
                "--tls-key=" + dir.resolve("server.key"),
                "--tls-client-ca=" + dir.resolve("client.crt"))
            .redirectError(dir.resolve("log").toFile())
            .start();
    address = sidecar.inputReader().readLine().replaceAll(".*\"address\":\"([^\"]*)\".*", "$1");
  }

  @AfterAll
  void stop() throws Exception {
    sidecar.destroy();
    assertTrue(sidecar.waitFor(60, TimeUnit.SECONDS));
  }

  private static String reseolio(String... words) throws Exception {
    var command = new ArrayList<>(List.of(SidecarIT.executable().toString()));
    command.addAll(List.of(words));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    return said.strip();
  }

  /// By the JDK's keytool, as PEM files; self-signed, so it is its own authority.
  private void certificate(String name) throws Exception {
    Path store = dir.resolve(name + ".p12");
    var keytool =
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
            PASSWORD);
    var process =
        new ProcessBuilder(keytool)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(name + ".log").toFile())
            .start();
    assertEquals(0, process.waitFor());
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    pem(name + ".crt", "CERTIFICATE", made.getCertificate(name).getEncoded());
    pem(name + ".key", "PRIVATE KEY", made.getKey(name, PASSWORD.toCharArray()).getEncoded());
  }

  private void pem(String file, String what, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Path path =
        Files.writeString(
            dir.resolve(file),
            "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, body, what));
    Files.setPosixFilePermissions(
        path, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
  }

  private ReseolioBuilder builder() {
    return Reseolio.builder()
        .address(address)
        .tls(
            Tls.authority(dir.resolve("server.crt"))
                .clientCertificate(dir.resolve("client.crt"), dir.resolve("client.key")));
  }

  @Test
  void aTokenAndACertificateLetAJobRun() throws Exception {
    try (Reseolio reseolio = builder().token(good).start()) {
      var twice =
          reseolio.durable(
              SidecarIT.unique("twice"),
              Integer.class,
              Integer.class,
              n -> 2 * n,
              FunctionOptions.defaults());
      assertEquals(42, twice.call(21).result());
    }
  }

  @Test
  void withoutTheRightTokenACallFailsAtOnceAndSaysWhatToDo() {
    assertEquals("unauthenticated", refusal(builder().token("rsl_wrong")));
    assertEquals("permission_denied", refusal(builder().token(viewer)));
    if (System.getenv("RESEOLIO_TOKEN") == null) {
      assertEquals("unauthenticated", refusal(builder()));
    }
  }

  private static String refusal(ReseolioBuilder builder) {
    try (Reseolio reseolio = builder.concurrency(0).start()) {
      var function =
          reseolio.durable(
              SidecarIT.unique("refused"),
              String.class,
              String.class,
              x -> x,
              FunctionOptions.defaults());
      long begun = System.nanoTime();
      var refused = assertThrows(ReseolioException.class, () -> function.call("x"));
      assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(15), "it was not repeated");
      assertTrue(String.valueOf(refused.getMessage()).contains("token"), refused::toString);
      assertFalse(String.valueOf(refused.getMessage()).contains("rsl_"), refused::toString);
      return refused.code();
    }
  }

  @Test
  void noSecretIsInArgumentsOrLogs() throws Exception {
    refusal(builder().token(viewer));
    refusal(builder().token("rsl_" + "w".repeat(43)));
    String key =
        Files.readString(dir.resolve("server.key")).lines().skip(1).findFirst().orElseThrow();
    String password = Files.readString(Path.of(dataDir(), "password")).strip();
    List<String> secrets =
        List.of(good.substring(4), viewer.substring(4), "w".repeat(43), key, password);
    String log = Files.readString(dir.resolve("log"));
    for (String secret : secrets) {
      assertFalse(log.contains(secret), "a secret is in the log");
    }
    for (Path process : processes()) {
      String words = read(process.resolve("cmdline"));
      for (String secret : secrets) {
        assertFalse(words.contains(secret), () -> "a secret is among the arguments of " + process);
      }
    }
  }

  private static String dataDir() {
    String set = System.getenv("RESEOLIO_DATA_DIR");
    return set == null ? ".reseolio" : set;
  }

  private static List<Path> processes() throws IOException {
    try (var all = Files.list(Path.of("/proc"))) {
      return all.filter(path -> path.getFileName().toString().matches("\\d+")).toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
