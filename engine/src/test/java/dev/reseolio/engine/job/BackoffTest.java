package dev.reseolio.engine.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BackoffTest {
  private static Backoff backoff(Backoff.Type type, double factor, double jitter) {
    return new Backoff(type, Duration.ofMillis(100), factor, Duration.ofSeconds(1), jitter);
  }

  @ParameterizedTest
  @CsvSource({
    "EXPONENTIAL, 1, 100", "EXPONENTIAL, 2, 200", "EXPONENTIAL, 4, 800", "EXPONENTIAL, 5, 1000",
    "LINEAR, 1, 100", "LINEAR, 2, 200", "LINEAR, 9, 900", "LINEAR, 11, 1000",
    "FIXED, 1, 100", "FIXED, 50, 100"
  })
  void growsByItsTypeUpToTheCap(Backoff.Type type, int failures, long millis) {
    assertEquals(Duration.ofMillis(millis), backoff(type, 2, 0).delay(failures, new Random(1)));
  }

  @ParameterizedTest
  @EnumSource(Backoff.Type.class)
  void noAttemptCountOverflows(Backoff.Type type) {
    Backoff steep = new Backoff(type, Duration.ofDays(1), 100, Backoff.LIMIT, 1.0);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int failures : new int[] {1, 2, 100, 10_000, Integer.MAX_VALUE}) {
      for (int i = 0; i < 100; i++) {
        Duration delay = steep.delay(failures, random);
        assertTrue(!delay.isNegative(), "seed " + seed);
        assertTrue(delay.compareTo(Backoff.LIMIT.multipliedBy(2)) <= 0, "seed " + seed);
      }
    }
  }

  @Test
  void jitterStaysWithinItsShareAndIsUsed() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Backoff half = backoff(Backoff.Type.FIXED, 1, 0.5);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 2000; i++) {
      long millis = half.delay(1, random).toMillis();
      assertTrue(millis >= 50 && millis <= 150, "seed " + seed + ": " + millis);
      least = Math.min(least, millis);
      most = Math.max(most, millis);
    }
    assertTrue(least < 60 && most > 140, "seed " + seed + ": " + least + " to " + most);
  }

  @Test
  void whatIsKeptInTheDatabaseReadsTheSame() {
    assertNull(Backoff.DEFAULT.encode());
    assertEquals(Backoff.DEFAULT, Backoff.decode(null));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Backoff.Type> types = List.of(Backoff.Type.values());
    for (int i = 0; i < 500; i++) {
      Duration initial = Duration.ofMillis(1 + random.nextLong(100_000));
      Backoff some =
          new Backoff(
              types.get(i % types.size()),
              initial,
              1 + random.nextDouble() * 99,
              initial.plusMillis(random.nextLong(1_000_000)),
              random.nextDouble());
      String kept = some.encode();
      assertNotNull(kept, "seed " + seed);
      assertEquals(some, Backoff.decode(kept), "seed " + seed);
    }
  }

  @Test
  void aFractionOfAMillisecondIsNotKept() {
    Backoff odd =
        new Backoff(
            Backoff.Type.FIXED, Duration.ofNanos(1_500_000), 1, Duration.ofNanos(2_900_000), 0);
    assertEquals(odd, Backoff.decode(odd.encode()));
  }

  @Test
  void refusesWhatMakesNoSense() {
    Duration second = Duration.ofSeconds(1);
    refused("backoff.initial", Duration.ZERO, 2, second, 0);
    refused("backoff.initial", Duration.ofMillis(-1), 2, second, 0);
    refused("backoff.initial", Duration.ofDays(366), 2, Duration.ofDays(366), 0);
    refused("backoff.max", second, 2, second.minusMillis(1), 0);
    refused("backoff.max", second, 2, Duration.ofSeconds(Long.MAX_VALUE), 0);
    for (double factor : new double[] {0.99, 100.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      refused("backoff.factor", second, factor, second, 0);
    }
    for (double jitter : new double[] {-0.1, 1.1, Double.NaN}) {
      refused("backoff.jitter", second, 2, second, jitter);
    }
  }

  private static void refused(
      String field, Duration initial, double factor, Duration max, double jitter) {
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> new Backoff(Backoff.Type.EXPONENTIAL, initial, factor, max, jitter));
    assertEquals(Reason.INVALID_ARGUMENT, e.reason());
    assertEquals(field, e.field());
  }
}
