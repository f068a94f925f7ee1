package dev.reseolio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class OptionsTest {

  private static void refuses(Executable code, String... words) {
    ReseolioException e = assertThrows(ReseolioException.class, code);
    assertEquals("invalid_argument", e.code());
    for (String word : words) {
      assertTrue(
          String.valueOf(e.getMessage()).contains(word),
          "\"" + e.getMessage() + "\" should say " + word);
    }
  }

  @Test
  void numbersOutOfRangeAreRefusedAndNotReplaced() {
    refuses(() -> FunctionOptions.defaults().maxAttempts(0), "maxAttempts", "1 to 10000", "was 0");
    refuses(() -> FunctionOptions.defaults().maxAttempts(-1), "maxAttempts");
    refuses(() -> FunctionOptions.defaults().maxAttempts(10_001), "maxAttempts");
    refuses(() -> FunctionOptions.defaults().priority(10), "priority", "0 to 9");
    refuses(() -> Backoff.exponential().factor(0.5), "factor", "1.0 to 100.0");
    refuses(() -> Backoff.exponential().factor(Double.NaN), "factor");
    refuses(() -> Backoff.exponential().jitter(1.1), "jitter");
    assertEquals(0.0, Backoff.fixed().jitter(0).jitter());
  }

  @Test
  void timesOutOfRangeAreRefused() {
    refuses(
        () -> FunctionOptions.defaults().timeout(Duration.ZERO),
        "timeout",
        "1 ms",
        "365 days",
        "was 0 ms");
    refuses(() -> FunctionOptions.defaults().timeout(Duration.ofDays(366)), "timeout", "366 days");
    refuses(() -> Backoff.fixed().initial(Duration.ofNanos(10)), "backoff.initial");
    refuses(
        () -> Backoff.linear().initial(Duration.ofSeconds(10)).max(Duration.ofSeconds(1)),
        "backoff.max",
        "10000 ms");
    refuses(() -> CallOptions.defaults().delay(Duration.ofMillis(-1)), "delay");
    refuses(() -> CallOptions.defaults().deadline(Duration.ZERO), "deadline");
    refuses(() -> CallOptions.key("k").keyTtl(Duration.ofMillis(999)), "keyTtl", "1000 ms");
    refuses(() -> new RetryAfterException(Duration.ofSeconds(-1)), "delay");
  }

  @Test
  void whiteSpaceAroundATokenIsNotOfItAsAFileOrAKubernetesSecretHasIt() {
    assertEquals("rsl_x", Reseolio.builder().token(" rsl_x\r\n").token);
    ReseolioBuilder fromTheEnvironment = Reseolio.builder().address("127.0.0.1:1");
    fromTheEnvironment.token = "two words\n";
    refuses(fromTheEnvironment::start, "token", "without spaces");
    refuses(() -> Reseolio.builder().token("two words"), "token", "without spaces");
  }

  @Test
  void halfOfAPairOfCertificateAndKeySaysWhichHalfIsMissing() {
    Path file = Path.of("file.pem");
    refuses(
        () -> new Tls(null, file, null),
        "tls has a certificate but no key for it; give both or neither");
    refuses(
        () -> new Tls(file, null, file),
        "tls has a key but no certificate for it; give both or neither");
    assertEquals(file, Tls.authority(file).clientCertificate(file, file).keyOrNull());
  }

  @Test
  void textsAreCountedInCharactersNotCodeUnits() {
    assertEquals("😀".repeat(255), FunctionOptions.defaults().queue("😀".repeat(255)).queue());
    refuses(() -> FunctionOptions.defaults().queue("q".repeat(256)), "queue", "has 256");
    refuses(() -> CallOptions.key(""), "idempotencyKey", "has 0");
    refuses(() -> CallOptions.defaults().tags("ok", ""), "tag");
    refuses(
        () -> CallOptions.defaults().tags(Collections.nCopies(17, "t").toArray(String[]::new)),
        "16",
        "17");
  }

  @Test
  void aKeyTtlWithoutAKeyIsRefused() {
    refuses(() -> CallOptions.defaults().keyTtl(Duration.ofDays(1)), "idempotencyKey");
  }

  @Test
  void theLaterOfDelayAndRunAtCounts() {
    assertEquals(
        new Due.At(Instant.EPOCH),
        CallOptions.defaults().delay(Duration.ofSeconds(1)).runAt(Instant.EPOCH).due());
    assertEquals(
        new Due.After(Duration.ofSeconds(1)),
        CallOptions.defaults().runAt(Instant.EPOCH).delay(Duration.ofSeconds(1)).due());
  }

  @Test
  void callOptionsOverrideOnlyWhatTheySet() {
    CallOptions function = CallOptions.defaults().maxAttempts(5).queue("slow").tags("a");
    CallOptions merged = function.merge(CallOptions.key("k").maxAttempts(7));
    assertEquals(7, merged.run().maxAttempts());
    assertEquals("slow", merged.run().queue());
    assertEquals(List.of("a"), merged.tags());
    assertEquals(new IdempotencyKey("k", null), merged.idempotency());
  }

  @Test
  void namespacesJoinTheirParts() {
    assertEquals("billing:invoices:charge", Reseolio.namespace("billing", "invoices", "charge"));
    refuses(() -> Reseolio.namespace(), "at least one part");
    refuses(() -> Reseolio.namespace("a", ""), "non-empty");
    refuses(() -> Reseolio.namespace("a:b"), "a:b");
    refuses(() -> Reseolio.namespace("a/b"), "a/b");
    refuses(() -> Reseolio.namespace("a\nb"), "control", "\\u000a");
    refuses(() -> Reseolio.namespace("n".repeat(256)), "255");
  }

  @Test
  void addressesAreChecked() {
    refuses(() -> Reseolio.builder().address("localhost"), "host:port");
    refuses(() -> Reseolio.builder().concurrency(-1), "concurrency");
  }

  @Test
  void outsideAHandlerThereIsNoContext() {
    assertEquals("no_job", assertThrows(ReseolioException.class, JobContext::current).code());
  }
}
