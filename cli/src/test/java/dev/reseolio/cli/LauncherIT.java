package dev.reseolio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LauncherIT {
  private static final Map<String, String> JAVA =
      Map.of("JAVA_HOME", System.getProperty("java.home"));
  private static final String[] SERVER = {
    "server", "--data-dir=data", "--address=127.0.0.1:0", "--http-address=off"
  };

  @TempDir Path dir;

  private Launched launch(String... arguments) throws Exception {
    return Launched.launch(dir, JAVA, arguments);
  }

  @Test
  void saysReadyOnOneLineAndStopsOnSigterm() throws Exception {
    try (var server = launch(SERVER)) {
      var ready = server.line();
      assertTrue(ready.startsWith("{\"event\":\"ready\",\"address\":\"127.0.0.1:"), ready);
      assertTrue(ready.contains("\"pid\":" + server.process().pid()), ready);
      server.process().toHandle().destroy();
      assertEquals(0, server.exitCode());
      assertNull(server.output().readLine());
      assertTrue(server.said().contains("\"reason\":\"SIGTERM\""), server.said());
      assertTrue(server.said().lines().allMatch(line -> line.startsWith("{")), server.said());
      var secret = Files.readString(dir.resolve("data/password")).strip();
      assertTrue(!server.said().contains(secret), server.said());
    }
  }

  @Test
  void aTakenAddressFailsOnOneLine() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        var server =
            launch("server", "--data-dir=data", "--address=127.0.0.1:" + taken.getLocalPort())) {
      assertEquals(1, server.exitCode());
      assertTrue(
          server.said().contains("\"event\":\"start_failed\",\"reason\":\"address_in_use\""),
          server.said());
    }
  }

  @Test
  void aReasonIsToldAsItIsWritten() throws Exception {
    try (var server = launch("server", "--storage=postgres://u:secret@127.0.0.1:1/it's%20{0}")) {
      assertEquals(1, server.exitCode());
      assertTrue(server.said().contains("\"reason\":\"storage_unreachable\""), server.said());
      assertTrue(server.said().contains("@127.0.0.1:1/it's {0} cannot be"), server.said());
      assertTrue(!server.said().contains("secret"), server.said());
    }
  }

  @Test
  void wrongUsageIsTwo() throws Exception {
    try (var server = launch("server", "--schema=1x")) {
      assertEquals(2, server.exitCode());
      assertTrue(server.said().startsWith("reseolio server: schema must be"), server.said());
    }
  }

  @Test
  void aJavaThatIsTooOldIsExplained() throws Exception {
    var old = dir.resolve("java-17");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
    Files.createSymbolicLink(old.resolve("bin/java"), Path.of("/bin/false"));
    try (var found = Launched.launch(dir, Map.of("JAVA_HOME", old.toString()), "version")) {
      // Falls through to another Java when this machine has one.
      var code = found.exitCode();
      assertTrue(code == 0 || found.said().contains("needs Java 25"), found.said());
    }
  }

  @Test
  void theImageUsesItsOwnJavaAndGivesItsJarsTheAgeOfTheCache() throws Exception {
    var image = Files.createDirectories(dir.resolve("image"));
    var java = Files.createDirectories(image.resolve("runtime/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.createDirectories(image.resolve("lib"));
    for (var file : List.of("reseolio.jar", "postgres.jar", "reseolio.aot")) {
      Files.createFile(image.resolve("lib").resolve(file));
    }
    var launcher = Files.createDirectories(image.resolve("bin")).resolve("reseolio");
    Files.copy(Launched.HOME.resolve("bin/reseolio"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
    try (var said = Launched.command(dir, JAVA, List.of(launcher.toString(), "version"))) {
      var words = said.output().lines().toList();
      var lib = image.toRealPath() + "/bin/../lib/";
      assertTrue(words.contains("-XX:AOTCache=" + lib + "reseolio.aot"), words.toString());
      assertTrue(words.contains(lib + "reseolio.jar:" + lib + "postgres.jar"), words.toString());
    }
    var age = Files.getLastModifiedTime(image.resolve("lib/reseolio.jar")).toInstant();
    assertEquals(Instant.parse("2026-01-01T00:00:00Z"), age);
  }

  @Test
  void endsWithItsParent() throws Exception {
    var script = Launched.HOME.resolve("bin/reseolio") + " \"$@\" & wait";
    var words =
        List.of(
            "sh",
            "-c",
            script,
            "sh",
            SERVER[0],
            SERVER[1],
            SERVER[2],
            SERVER[3],
            "--exit-with-parent");
    try (var shell = Launched.command(dir, JAVA, words)) {
      var ready = shell.line();
      var pid = Pattern.compile("\"pid\":(\\d+)").matcher(ready);
      assertTrue(pid.find(), ready);
      var server = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
      shell.process().destroyForcibly();
      Launched.awaitEnd(server);
      assertTrue(shell.said().contains("ended\""), shell.said());
    }
  }

  @Test
  void runsOnItsOwnPostgresAndStopsIt() throws Exception {
    try (var server =
        launch(
            "server", "--address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--data-dir=data")) {
      var ready = server.line();
      assertTrue(ready.contains("\"pid\":"), ready);
      var postmaster = dir.resolve("data/data/postmaster.pid"); // Removed by a server that stopped.
      assertTrue(Files.exists(postmaster));
      server.process().toHandle().destroy();
      assertEquals(0, server.exitCode());
      assertFalse(Files.exists(postmaster), server.said());
    }
  }
}
