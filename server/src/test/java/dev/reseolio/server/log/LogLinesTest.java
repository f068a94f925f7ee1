package dev.reseolio.server.log;

import static dev.reseolio.server.log.Logs.field;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.config.LogFormat;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aJsonLineHasItsFields() {
    Logs.install(Level.INFO, LogFormat.JSON, out);
    System.getLogger("a.B")
        .log(Level.WARNING, "{0} is late", "it", field("node", 7), field("who", "x\"y"));
    assertTrue(
        said()
            .endsWith(
                "\"level\":\"WARNING\",\"logger\":\"a.B\",\"message\":\"it is late\",\"node\":7,\"who\":\"x\\\"y\"}\n"),
        said());
  }

  @Test
  void nothingHostileEndsTheLineOrSteersTheTerminal() {
    for (var format : LogFormat.values()) {
      Logs.install(Level.INFO, format, out);
      System.getLogger("a.B")
          .log(Level.INFO, "a\nb\r\u001b[31m\u202e\u2028", field("k\n", "v\nforged=1"));
      System.getLogger("a.B").log(Level.ERROR, "boom", new IllegalStateException("x\ny"));
    }
    assertEquals(4, said().lines().count());
    assertFalse(said().codePoints().anyMatch(c -> c != '\n' && Character.isISOControl(c)));
    assertTrue(said().contains("\\u001b[31m\\u202e\\u2028"), said());
  }

  @Test
  void passwordsDoNotPass() {
    Logs.install(Level.INFO, LogFormat.TEXT, out);
    System.getLogger("a.B").log(Level.INFO, "postgres://u:s3cret@h/db?password=s3cret&x=1");
    System.getLogger("a.B")
        .log(Level.INFO, "x", field("url", "jdbc:postgresql://h/d?user=u&password=s3cret"));
    assertFalse(said().contains("s3cret"), said());
    assertTrue(said().contains("x=1"), said());
  }

  @Test
  void levelsAndLibrariesAreHeldBack() {
    Logs.install(Level.INFO, LogFormat.TEXT, out);
    System.getLogger("a.B").log(Level.DEBUG, "quiet");
    System.getLogger("io.grpc.X").log(Level.INFO, "chatty");
    System.getLogger("io.grpc.X").log(Level.WARNING, "heard");
    assertEquals(1, said().lines().count());
  }

  @Test
  void sessionsThatTheDatabaseEndedAreTheEnginesNewsNotThePools() {
    Logs.install(Level.INFO, LogFormat.TEXT, out);
    var pool = System.getLogger("com.zaxxer.hikari.pool.ProxyConnection");
    pool.log(Level.WARNING, "marked as broken", new IllegalStateException("a stack"));
    assertEquals("", said());
    Logs.install(Level.DEBUG, LogFormat.TEXT, out);
    pool.log(Level.WARNING, "marked as broken", new IllegalStateException("a stack"));
    assertEquals(1, said().lines().count());
    Logs.install(Level.OFF, LogFormat.TEXT, out);
    pool.log(Level.ERROR, "silence");
    assertEquals(1, said().lines().count());
  }
}
