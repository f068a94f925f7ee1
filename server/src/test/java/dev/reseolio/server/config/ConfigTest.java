package dev.reseolio.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
  @TempDir Path dir;
  private final Map<String, String> environment = new HashMap<>();

  private ServerConfig load(String... arguments) {
    return ConfigLoader.load(Arrays.asList(arguments), environment, dir);
  }

  private String refusal(String... arguments) {
    return assertThrows(ConfigException.class, () -> load(arguments)).getMessage();
  }

  @Test
  void defaultsAreAllGood() {
    var config = load();
    assertEquals(Optional.empty(), config.storage().url());
    assertEquals("reseolio", config.storage().schema());
    assertEquals("127.0.0.1:50051", config.listening().grpc().toString());
    assertEquals(4 << 20, config.work().maxPayload());
    assertEquals(Duration.ofDays(7), config.storage().retention());
    assertEquals(Optional.empty(), config.lifecycle().exitWhenIdle());
    assertEquals(Option.values().length, config.told().settings().size());
  }

  @Test
  void flagsGoBeforeEnvironmentBeforeFileBeforeDefaults() throws Exception {
    Files.writeString(
        dir.resolve("reseolio.properties"), "schema=file\npool-size=6\ncrash-budget = 7\n");
    environment.put("RESEOLIO_SCHEMA", "env");
    environment.put("RESEOLIO_POOL_SIZE", "8");
    var config = load("--schema=flag");
    assertEquals("flag", config.storage().schema());
    assertEquals(8, config.storage().poolSize());
    assertEquals(7, config.work().crashBudget());
    var printed = config.printable();
    assertTrue(printed.contains("schema = flag (--schema)"), printed);
    assertTrue(printed.contains("pool-size = 8 (RESEOLIO_POOL_SIZE)"), printed);
    assertTrue(printed.contains("reseolio.properties)"), printed);
    assertTrue(printed.contains("beat-interval = 5s (default)"), printed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgres://u:s3cret@h/db|postgres://u:***@h/db",
        "postgresql://u:s3c@ret:x@h1:1,h2:2/db?a=b|postgresql://u:***@h1:1,h2:2/db?a=b",
        "postgres://h/db?user=u&password=s3cret&x=1|postgres://h/db?user=u&password=***&x=1",
        "postgres://u@h/db?sslpassword=s3cret|postgres://u@h/db?sslpassword=***",
        "postgres://h/db|postgres://h/db"
      })
  void passwordsAreMasked(String url, String shown) {
    var config = load("--storage", url);
    assertEquals(url, config.storage().url().orElseThrow().secret());
    assertTrue(config.printable().contains("storage = " + shown + " (--storage)"));
    assertFalse(config.toString().contains("s3c"), config.toString());
  }

  @Test
  void theStorageUrlMayComeFromAFile() throws Exception {
    var secret = Files.writeString(dir.resolve("secret"), "postgres://u:pw@h/db\n");
    environment.put("RESEOLIO_STORAGE_FILE", secret.toString());
    assertEquals("postgres://u:pw@h/db", load().storage().url().orElseThrow().secret());
    environment.put("RESEOLIO_STORAGE", "postgres://h/db");
    assertTrue(refusal().contains("set one of them"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--storage=mysql://h/db",
        "--storage=jdbc:postgresql://h/db",
        "--schema=Robert'); DROP",
        "--schema=pg_mine",
        "--address=127.0.0.1",
        "--address=127.0.0.1:70000",
        "--address=unix:",
        "--http-address=unix:/tmp/x",
        "--max-payload=4MB",
        "--max-payload=64MiB",
        "--retention=7 days",
        "--beat-interval=off",
        "--crash-budget=0",
        "--pool-size=many",
        "--log-level=loud",
        "--log-format=xml",
        "--insecure-bind=yes",
        "--max-connections=0",
        "--http-hosts=a b",
        "--dead-after=1s"
      })
  void badValuesAreNamedAndExplained(String flag) {
    var message = refusal(flag);
    var key = flag.substring(2, flag.indexOf('='));
    assertTrue(message.startsWith(key), message);
    assertTrue(message.contains(" must "), message);
  }

  @Test
  void aBadValueNeverShowsThePassword() {
    var message = refusal("--storage", "mysql://u:s3cret@h/db");
    assertFalse(message.contains("s3cret"), message);
  }

  @Test
  void unknownNamesAreAnsweredWithASuggestion() throws Exception {
    assertTrue(refusal("--schma", "x").contains("Did you mean '--schema'?"));
    assertTrue(refusal("--schema").contains("needs a value"));
    environment.put("RESEOLIO_POOLSIZE", "3");
    environment.put("RESEOLIO_JAVA_OPTS", "-Xint");
    assertEquals(
        List.of(
            "Unknown environment variable RESEOLIO_POOLSIZE is ignored."
                + " Did you mean 'RESEOLIO_POOL_SIZE'?"),
        load().told().warnings());
    Files.writeString(dir.resolve("reseolio.properties"), "adress=1.2.3.4:5\n");
    assertTrue(refusal().contains("Did you mean 'address'?"));
  }

  @Test
  void aNamedFileMustExist() {
    assertTrue(refusal("--config", "nowhere").contains("cannot be read"));
    environment.put("RESEOLIO_CONFIG", "elsewhere");
    assertTrue(refusal().contains("elsewhere"));
  }

  @Test
  void certificateAndKeyGoTogether() {
    for (var alone : List.of("--tls-cert", "--tls-key", "--tls-client-ca")) {
      assertTrue(refusal(alone, "x.pem").contains("go together"));
    }
    var tls = load("--tls-cert=c.pem", "--tls-key=k.pem").listening().security().tls();
    assertEquals(Path.of("c.pem"), tls.orElseThrow().certificate());
  }

  @Test
  void namesInHostHeadersAreAList() {
    var security = load("--http-hosts", "Sidecar.internal, other").listening().security();
    assertEquals(Set.of("sidecar.internal", "other"), security.httpHosts().names());
  }
}
