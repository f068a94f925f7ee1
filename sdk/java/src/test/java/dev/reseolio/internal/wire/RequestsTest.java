package dev.reseolio.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Backoff;
import dev.reseolio.CallOptions;
import dev.reseolio.proto.v1.BackoffType;
import dev.reseolio.proto.v1.EnqueueRequest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RequestsTest {
  @Test
  void whatIsNotSetIsNotSent() {
    EnqueueRequest request = Requests.template("a:b", CallOptions.defaults());
    assertEquals(EnqueueRequest.newBuilder().setFunction("a:b").build(), request);
  }

  @Test
  void everyOptionIsSent() {
    CallOptions options =
        CallOptions.key("k")
            .keyTtl(Duration.ofDays(1))
            .delay(Duration.ofMillis(1500))
            .deadline(Duration.ofHours(1))
            .tags("x", "y")
            .maxAttempts(5)
            .timeout(Duration.ofMillis(5_250))
            .queue("q")
            .priority(0)
            .backoff(
                Backoff.exponential()
                    .initial(Duration.ofMillis(10))
                    .factor(3)
                    .max(Duration.ofSeconds(2))
                    .jitter(0));
    EnqueueRequest request = Requests.template("a:b", options);
    assertEquals("k", request.getIdempotencyKey());
    assertEquals(86_400, request.getKeyTtl().getSeconds());
    assertEquals(Duration.ofMillis(1500), Times.fromProto(request.getDelay()));
    assertEquals(3_600, request.getDeadline().getSeconds());
    assertEquals(2, request.getTagsCount());
    assertEquals(5, request.getOptions().getMaxAttempts());
    assertEquals(Duration.ofMillis(5_250), Times.fromProto(request.getOptions().getTimeout()));
    assertTrue(request.getOptions().hasPriority());
    assertEquals(0, request.getOptions().getPriority());
    assertEquals(BackoffType.BACKOFF_TYPE_EXPONENTIAL, request.getOptions().getBackoff().getType());
    assertTrue(request.getOptions().getBackoff().hasJitter());
    assertFalse(request.hasRunAt());
  }

  @Test
  void runAtIsATime() {
    EnqueueRequest request =
        Requests.template("a:b", CallOptions.defaults().runAt(Instant.ofEpochSecond(5, 7)));
    assertEquals(Instant.ofEpochSecond(5, 7), Times.fromProto(request.getRunAt()));
  }
}
