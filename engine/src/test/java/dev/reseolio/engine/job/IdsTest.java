package dev.reseolio.engine.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123Z");

  /// As PostgreSQL orders them: by bytes.
  private static int compare(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }

  @Test
  void growStrictlyWhateverTheClockDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Ids ids = new Ids(random);
    Instant clock = NOW;
    UUID last = ids.next(clock);
    for (int i = 0; i < 100_000; i++) {
      clock =
          switch (random.nextInt(20)) {
            case 0 -> clock.plusMillis(random.nextInt(5));
            case 1 -> clock.minusMillis(random.nextInt(2000));
            default -> clock;
          };
      UUID id = ids.next(clock);
      assertTrue(compare(id, last) > 0 && id.compareTo(last) > 0, "seed " + seed + " at " + i);
      last = id;
    }
  }

  @Test
  void moreThanACounterHoldsInOneMillisecondMoveOnToTheNext() {
    Ids ids = new Ids(new Random(1));
    UUID last = new UUID(0, 0);
    for (int i = 0; i < 20_000; i++) {
      UUID id = ids.next(NOW);
      assertTrue(compare(id, last) > 0);
      last = id;
    }
    assertTrue(Ids.timeOf(last).isBefore(NOW.plusMillis(10)));
  }

  @Test
  void areUuidsOfVersionSeven() {
    long seed = System.nanoTime();
    Ids ids = new Ids(new Random(seed));
    for (int i = 0; i < 10_000; i++) {
      UUID id = ids.next(NOW);
      assertEquals(7, id.version(), "seed " + seed);
      assertEquals(2, id.variant(), "seed " + seed);
    }
  }

  @Test
  void theFloorOfAMomentIsNotAboveAnyIdOfIt() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      Instant at = NOW.plusNanos(random.nextLong(10_000_000_000L));
      UUID id = new Ids(random).next(at);
      assertTrue(compare(Ids.floor(at), id) <= 0, "seed " + seed);
      assertTrue(Ids.floor(at).compareTo(id) <= 0, "seed " + seed);
      assertTrue(compare(Ids.floor(at.plusMillis(1)), id) > 0, "seed " + seed);
      assertEquals(at.toEpochMilli(), Ids.timeOf(id).toEpochMilli(), "seed " + seed);
    }
  }

  @Test
  void areReadAsTheyAreWritten() {
    UUID id = new Ids(new Random(1)).next(NOW);
    assertEquals(id, Ids.parse(id.toString()));
    assertEquals(id, Ids.parse(id.toString().toUpperCase(Locale.ROOT)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "42",
        "1-1-1-1-1",
        "019caa12-0000-7000-8000-00000000000",
        "019caa12-0000-7000-8000-0000000000000",
        "019caa12-0000-7000-8000-00000000000g",
        "019caa12_0000_7000_8000_000000000000",
        "019caa1200007000800000000000000000-0",
        "019caa12-00007-000-8000-000000000000"
      })
  void everythingElseIsRefused(String text) {
    EngineException e = assertThrows(EngineException.class, () -> Ids.parse(text));
    assertEquals(Reason.INVALID_ARGUMENT, e.reason());
    assertEquals("job_id", e.field());
  }

  @Test
  void aLongTextIsNotRepeatedWhole() {
    EngineException e = assertThrows(EngineException.class, () -> Ids.parse("x".repeat(100_000)));
    assertTrue(String.valueOf(e.getMessage()).length() < 300);
  }
}
