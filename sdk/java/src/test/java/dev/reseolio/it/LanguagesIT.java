package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.JobFailedException;
import dev.reseolio.Reseolio;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Java and TypeScript on one sidecar: what is called in one language runs in the other.
@Tag("sidecar")
@Timeout(90)
class LanguagesIT {
  /// The built TypeScript SDK of this repository.
  private static final Path SDK =
      Path.of("../typescript/dist/index.js").toAbsolutePath().normalize();

  record Order(String user, List<Double> amounts, @Nullable String note) {}

  record Total(String user, double total) {}

  record Greeting(String text, long count, boolean none) {}

  private final String greet = SidecarIT.unique("greet");
  private final String refuse = SidecarIT.unique("refuse");
  private final String sum = SidecarIT.unique("sum");

  @SuppressWarnings("NullAway.Init") // by start()
  private Reseolio reseolio;

  @SuppressWarnings("NullAway.Init") // by start()
  private String address;

  @SuppressWarnings("NullAway.Init") // by start()
  private Process node;

  @SuppressWarnings("NullAway.Init") // by start()
  private BufferedReader said;

  @BeforeEach
  void start() throws Exception {
    assertTrue(Files.exists(SDK), SDK + " is missing; build it with `make build`");
    var where = new JoiningIT.Where();
    reseolio = SidecarIT.builder().listener(where).start();
    address = where.next();
    String script =
        Path.of(Objects.requireNonNull(getClass().getResource("languages.mjs")).toURI()).toString();
    node =
        new ProcessBuilder("node", script, SDK.toUri().toString(), address, greet, refuse, sum)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    said = node.inputReader(StandardCharsets.UTF_8);
    assertEquals("ready", said.readLine());
  }

  /// The script ends when its input does.
  @AfterEach
  void stop() throws IOException, InterruptedException {
    node.outputWriter(StandardCharsets.UTF_8).close();
    assertTrue(node.waitFor(SidecarIT.SOON.toSeconds(), TimeUnit.SECONDS));
    reseolio.close();
  }

  /// A process that defines a function also offers it, unless it only calls.
  private Reseolio caller() {
    return Reseolio.builder().address(address).concurrency(0).start();
  }

  @Test
  void javaCallsTypeScript() {
    try (Reseolio calls = caller()) {
      var fn =
          calls.durable(
              greet,
              Order.class,
              long.class,
              Greeting.class,
              (order, count) -> {
                throw onlyCalls();
              });
      var order = new Order("Ünï \"x\" \uD83D\uDE00", List.of(0.1, 99.0), null);
      assertEquals(
          new Greeting("Hello, Ünï \"x\" \uD83D\uDE00! 99.1", 9_007_199_254_740_991L, true),
          fn.call(order, 9_007_199_254_740_990L).result(SidecarIT.SOON));
      var fails =
          calls.durable(
              refuse,
              String.class,
              () -> {
                throw onlyCalls();
              });
      JobFailedException e =
          assertThrows(JobFailedException.class, () -> fails.call().result(SidecarIT.SOON));
      assertEquals("NonRetryableError", e.type());
      assertEquals("not from TypeScript", e.getMessage());
      assertEquals(1, e.attempts());
    }
  }

  @Test
  void typeScriptCallsJava() throws Exception {
    reseolio.durable(
        sum,
        Order.class,
        Integer.class,
        Total.class,
        (order, more) ->
            new Total(
                order.user(),
                order.amounts().stream().mapToDouble(Double::doubleValue).sum() + more));
    BufferedWriter to = node.outputWriter(StandardCharsets.UTF_8);
    to.write("call\n");
    to.flush();
    assertEquals("{\"total\":103.5,\"user\":\"Zoë\"}", said.readLine());
  }

  private static IllegalStateException onlyCalls() {
    return new IllegalStateException("this process only calls");
  }
}
