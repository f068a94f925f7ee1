package dev.reseolio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.config.Option;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

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
  void theVersionIsTheOneThatWasBuilt() {
    assertTrue(VersionCommand.text().matches("reseolio \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d+\\)"));
  }
}
