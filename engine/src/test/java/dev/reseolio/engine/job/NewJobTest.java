package dev.reseolio.engine.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.NewJob.Due;
import dev.reseolio.engine.job.NewJob.Labels;
import dev.reseolio.engine.job.NewJob.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NewJobTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private static void refused(String field, Executable making) {
    EngineException e = assertThrows(EngineException.class, making);
    assertEquals(Reason.INVALID_ARGUMENT, e.reason());
    assertEquals(field, e.field());
  }

  private static NewJob job(int priority) {
    return new NewJob(
        new Target("f", "q"), priority, Payload.EMPTY, RunPolicy.DEFAULT, Due.NOW, Labels.NONE);
  }

  @Test
  void defaultsAreThoseOfTheProtocol() {
    NewJob job = NewJob.of("f", Payload.EMPTY);
    assertEquals("default", job.target().queue());
    assertEquals(5, job.priority());
    assertEquals(3, job.policy().maxAttempts());
    assertEquals(Duration.ofSeconds(30), job.policy().timeout());
    assertEquals(Due.NOW, job.due());
  }

  @Test
  void prioritiesGoFrom0To9() {
    assertEquals(0, job(0).priority());
    assertEquals(9, job(9).priority());
    refused("priority", () -> job(-1));
    refused("priority", () -> job(10));
  }

  @Test
  void namesKeysAndTagsAreChecked() {
    refused("function", () -> new Target("", "q"));
    refused("queue", () -> new Target("f", "a\nb"));
    refused("idempotency_key", () -> new Labels("k\0", Labels.DEFAULT_KEY_TTL, List.of()));
    refused("idempotency_key", () -> new Labels("", Labels.DEFAULT_KEY_TTL, List.of()));
    refused("tags", () -> new Labels(null, Labels.DEFAULT_KEY_TTL, List.of("")));
    refused("tags", () -> new Labels(null, Labels.DEFAULT_KEY_TTL, List.of("a\u001fb")));
    refused("tags", () -> new Labels(null, Labels.DEFAULT_KEY_TTL, Collections.nCopies(17, "t")));
    assertEquals(
        16, new Labels(null, Labels.DEFAULT_KEY_TTL, Collections.nCopies(16, "t")).tags().size());
  }

  @Test
  void theTypeOfTheArgumentsIsChecked() {
    for (String type : List.of("", "a\0", "x".repeat(256))) {
      refused("content_type", () -> NewJob.of("f", new Payload(new byte[0], type)));
    }
    assertEquals(
        "text/plain", NewJob.of("f", new Payload(new byte[0], "text/plain")).args().type());
  }

  @Test
  void tagsCannotBeChangedAfterwards() {
    List<String> tags = new ArrayList<>(List.of("a"));
    Labels labels = new Labels(null, Labels.DEFAULT_KEY_TTL, tags);
    tags.add("\0");
    assertEquals(List.of("a"), labels.tags());
  }

  @Test
  void theTimeToLiveOfAKeyIsBounded() {
    refused("key_ttl", () -> new Labels("k", Duration.ofMillis(999), List.of()));
    refused("key_ttl", () -> new Labels("k", Duration.ofDays(3651), List.of()));
    refused("key_ttl", () -> new Labels("k", Duration.ofSeconds(Long.MAX_VALUE), List.of()));
    assertEquals(Duration.ofSeconds(1), new Labels("k", Duration.ofSeconds(1), List.of()).keyTtl());
  }

  @Test
  void theDeadlineIsAfterTheTimeTheJobIsDue() {
    refused("deadline", () -> new Due(NOON, NOON));
    refused("deadline", () -> new Due(NOON, NOON.minusNanos(1)));
    refused("deadline", () -> new Due(NOON, NOON.plusNanos(999)));
    assertEquals(NOON.plusNanos(1000), new Due(NOON, NOON.plusNanos(1999)).deadline());
  }

  @Test
  void timesThatTheDatabaseCannotKeepAreRefusedBeforeTheyBreakAFlush() {
    refused("run_at", () -> new Due(Instant.MAX, null));
    refused("run_at", () -> new Due(Instant.MIN, null));
    refused("deadline", () -> new Due(null, Instant.MAX));
    refused("deadline", () -> new Due(null, Instant.MIN));
    Instant late = Instant.parse("9999-12-31T23:59:59.999Z");
    assertEquals(late, new Due(null, late).deadline());
  }

  @Test
  void policiesAreBounded() {
    Duration second = Duration.ofSeconds(1);
    refused("max_attempts", () -> new RunPolicy(0, Backoff.DEFAULT, second));
    refused("max_attempts", () -> new RunPolicy(10_001, Backoff.DEFAULT, second));
    refused("timeout", () -> new RunPolicy(1, Backoff.DEFAULT, Duration.ZERO));
    refused("timeout", () -> new RunPolicy(1, Backoff.DEFAULT, Duration.ofNanos(999_999)));
    refused("timeout", () -> new RunPolicy(1, Backoff.DEFAULT, Duration.ofDays(366)));
    refused("timeout", () -> new RunPolicy(1, Backoff.DEFAULT, Duration.ofSeconds(Long.MAX_VALUE)));
    assertEquals(10_000, new RunPolicy(10_000, Backoff.DEFAULT, second).maxAttempts());
  }
}
