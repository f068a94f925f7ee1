package dev.reseolio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.config.Option;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Commands.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void theHelpOfTheServerNamesEveryOptionOfTheTable() {
    assertEquals(0, run("help", "server"));
    for (var option : Option.values()) {
      assertTrue(out.toString().contains(option.flag()), option.flag());
      assertTrue(out.toString().contains(option.variable()), option.variable());
      assertTrue(out.toString().contains(option.fallback()), option.fallback());
    }
  }

  @Test
  void aMistypedCommandIsWrongUsageWithASuggestion() {
    assertEquals(2, run("serv"));
    assertTrue(err.toString().contains("reseolio server"), err.toString());
    assertEquals(2, run());
  }

  @Test
  void aMistypedOptionOfTheServerIsWrongUsage() {
    assertEquals(2, Main.run("server", "--adress=127.0.0.1:1"));
  }

  @Test
  void aTokenIsShownOnceAndKeptAsItsHash(@TempDir Path dir) throws Exception {
    var file = dir.resolve("tokens");
    assertEquals(
        0,
        run(
            "token",
            "create",
            "--role=client,worker",
            "--name=billing",
            "--function=billing:*",
            "--expires=90",
            "--file=" + file));
    var secret = out.toString().strip();
    assertTrue(secret.matches("rsl_[A-Za-z0-9_-]{43}"), secret);
    var line = Files.readString(file);
    assertFalse(line.contains(secret.substring(4)));
    assertTrue(
        line.matches(
            "sha256=[0-9a-f]{64} name=billing roles=client,worker expires=\\S+Z functions=billing:\\*\n"),
        line);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(0, run("token", "create", "--role=viewer", "--file=" + file));
    assertEquals(2, Files.readAllLines(file).size());
  }

  @Test
  void aTokenForAnUnknownRoleIsWrongUsage() {
    assertEquals(2, run("token", "create", "--role=root"));
    assertTrue(err.toString().contains("client, worker, operator and viewer"), err.toString());
    assertEquals(2, run("token", "create", "--role=client", "--function=a*b"));
    assertEquals(2, run("token", "create", "--role=client", "--expires=0"));
    assertEquals(2, run("token"));
  }

  @Test
  void aMigrationWithoutADatabaseIsWrongUsage() {
    assertEquals(2, run("migrate"));
    assertEquals(2, run("migrate", "--storag=x"));
    assertEquals(1, run("migrate", "--storage=postgres://x:y@127.0.0.1:1/x?connect_timeout=1"));
  }

  @Test
  void theVersionIsTheOneThatWasBuilt() {
    assertTrue(VersionCommand.text().matches("reseolio \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d+\\)"));
  }
}
