package dev.reseolio.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  private static final String ENQUEUE = "reseolio.v1.JobService/Enqueue";

  @TempDir Path dir;
  private Path file = Path.of("");
  private final AtomicLong nanos = new AtomicLong();
  private Instant now = Instant.parse("2026-06-01T00:00:00Z");

  @BeforeEach
  void name() {
    file = dir.resolve("tokens");
  }

  private void write(String... lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
    mode("rw-------");
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
  }

  private void mode(String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private Tokens open() throws UnusableFileException {
    return Tokens.open(file, () -> now, nanos::get);
  }

  private static String line(String secret, Role role, String... functions) {
    return line(secret, role, Optional.empty(), functions);
  }

  private static String line(
      String secret, Role role, Optional<Instant> expires, String... functions) {
    var patterns = List.of(functions).stream().map(FunctionPattern::new).toList();
    return TokenLine.of(new Token("somebody", Token.hash(secret), Set.of(role), expires, patterns));
  }

  private static @Nullable Reason refused(Gate gate, String operation, @Nullable String header) {
    try {
      gate.enter(operation, header);
      return null;
    } catch (EngineException e) {
      return e.reason();
    }
  }

  @Test
  void secretsHave256RandomBitsAndNeverRepeat() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 1000; i++) {
      var secret = Token.newSecret();
      assertTrue(secret.matches("rsl_[A-Za-z0-9_-]{43}"), secret);
      assertTrue(seen.add(secret));
    }
  }

  @Test
  void aLineSaysWhatItsTokenSays() {
    var token =
        new Token(
            "billing",
            Token.hash("x"),
            Set.of(Role.CLIENT, Role.WORKER),
            Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
            List.of(new FunctionPattern("billing:*"), new FunctionPattern("mail:send")));
    assertEquals(token, TokenLine.parse(TokenLine.of(token)));
  }

  /// With an early exit, a hash that agrees in its first 31 bytes takes longer than one that agrees
  /// in none; that cannot be measured honestly here, so what is asserted is who compares.
  @Test
  void hashesAreComparedByTheFunctionThatTakesTheSameTimeAlways() throws Exception {
    var equals = Token.Hash.class.getMethod("equals", Object.class).getDeclaringClass();
    assertEquals(Token.Hash.class, equals);
    var bytes = Token.hash("a").bytes();
    bytes[31] ^= 1;
    assertNotEquals(Token.hash("a"), new Token.Hash(bytes));
    assertEquals(Token.hash("a"), Token.hash("a"));
  }

  @Test
  void twoTokensOfOneNameAreGoodAtOnceAndTheOldOneGoesWithItsLine() throws Exception {
    write(line("old", Role.CLIENT));
    var tokens = open();
    var held = tokens.validity(tokens.find("old").orElseThrow());
    write(line("old", Role.CLIENT), "# rotated in June", line("new", Role.CLIENT));
    assertTrue(tokens.find("old").isPresent() && tokens.find("new").isPresent());
    assertTrue(held.getAsBoolean());
    write(line("new", Role.CLIENT));
    assertTrue(tokens.find("old").isEmpty());
    assertFalse(held.getAsBoolean());
    assertTrue(tokens.find("new").isPresent());
  }

  @Test
  void aTokenEndsAtItsTime() throws Exception {
    write(line("a", Role.CLIENT, Optional.of(now.plusSeconds(60))));
    var tokens = open();
    var held = tokens.validity(tokens.find("a").orElseThrow());
    now = now.plusSeconds(60);
    assertTrue(tokens.find("a").isEmpty());
    assertFalse(held.getAsBoolean());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw-rw-rw-", "rw--w----"})
  void aFileOthersCanReachIsRefused(String permissions) throws Exception {
    write(line("a", Role.CLIENT));
    mode(permissions);
    boolean rootsGroup = permissions.equals("rw-r-----") && ownedByRoot();
    if (!rootsGroup) {
      var refusal = assertThrows(UnusableFileException.class, this::open);
      assertTrue(String.valueOf(refusal.getMessage()).contains("chmod 600"));
    }
  }

  private boolean ownedByRoot() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(file, "unix:uid"));
  }

  @Test
  void whatWasGoodStaysInForceWhenTheFileIsSpoiled() throws Exception {
    write(line("a", Role.CLIENT));
    var tokens = open();
    write("no token at all");
    assertTrue(tokens.find("a").isPresent());
    write(line("b", Role.CLIENT));
    mode("rw-rw-rw-");
    assertTrue(tokens.find("a").isPresent() && tokens.find("b").isEmpty());
    Files.delete(file);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertTrue(tokens.find("a").isPresent());
    write("");
    assertTrue(tokens.find("a").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256=00 name=a roles=client",
        "name=a roles=client",
        "sha256=%s name=a roles=admin",
        "sha256=%s name=a roles=",
        "sha256=%s name=a/b roles=client",
        "sha256=%s name=a roles=client expires=tomorrow",
        "sha256=%s name=a roles=client functions=a*b",
        "sha256=%s name=a roles=client functions=",
        "sha256=%s name=a roles=client roles=viewer",
        "sha256=%s name=a roles=client owner=me",
        "rsl_abcdefghijklmnopqrstuvwxyz"
      })
  void aBadLineIsNamedByItsNumberAndNeverQuoted(String line) throws Exception {
    write("# tokens", line.formatted("0".repeat(64)));
    var refusal = assertThrows(UnusableFileException.class, this::open);
    var message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("Line 2"), message);
    assertFalse(message.contains("rsl_a") || message.contains("00000"), message);
  }

  @Test
  void theGateSaysWhatIsMissingAndNeverWhatCame() throws Exception {
    write(line("good", Role.VIEWER), line("limited", Role.CLIENT, "billing:*"));
    var gate = new Gate(open());
    assertEquals(Reason.UNAUTHENTICATED, refused(gate, ENQUEUE, null));
    assertEquals(Reason.UNAUTHENTICATED, refused(gate, ENQUEUE, "good"));
    assertEquals(Reason.UNAUTHENTICATED, refused(gate, ENQUEUE, "Basic Z29vZA=="));
    assertEquals(Reason.UNAUTHENTICATED, refused(gate, ENQUEUE, "Bearer " + "x".repeat(300)));
    assertEquals(Reason.PERMISSION_DENIED, refused(gate, ENQUEUE, "Bearer good"));
    assertEquals(Reason.PERMISSION_DENIED, refused(gate, "some.Other/Call", "Bearer good"));
    var bad = assertThrows(EngineException.class, () -> gate.enter(ENQUEUE, "Bearer s3cret"));
    assertFalse(String.valueOf(bad.getMessage()).contains("s3cret"));
    var caller = gate.enter(ENQUEUE, "bearer limited");
    assertTrue(caller.limited() && caller.mayTouch("billing:a") && !caller.mayTouch("billin"));
    assertThrows(EngineException.class, () -> caller.require("Billing:a"));
    assertEquals(Caller.ANYBODY, gate.enter("GET /healthz", null));
  }
}
