package dev.reseolio.engine.job;

import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// Job ids: UUID version 7 (RFC 9562), strictly growing per generator. The 12 bits after the
/// timestamp count the ids of one millisecond from a random start below 2048; when they run out the
/// timestamp is advanced (RFC 9562 §6.2, methods 1 and 4).
public final class Ids {
  private final RandomGenerator random;
  private long lastMillis;
  private int counter;

  public Ids(RandomGenerator random) {
    this.random = random;
  }

  public synchronized UUID next(Instant now) {
    long millis = now.toEpochMilli();
    if (millis > lastMillis) {
      lastMillis = millis;
      counter = random.nextInt(2048);
    } else if (++counter > 0xFFF) {
      lastMillis++;
      counter = 0;
    }
    return new UUID(
        lastMillis << 16 | 0x7000 | counter, random.nextLong() >>> 2 | 0x8000_0000_0000_0000L);
  }

  /// The smallest id of a moment.
  public static UUID floor(Instant at) {
    return new UUID(at.toEpochMilli() << 16, 0);
  }

  /// When the id was made, to the millisecond.
  public static Instant timeOf(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }

  /// Reads a UUID as text; anything else is an unknown job.
  public static UUID parse(String text) {
    try {
      if (text.length() == 36) {
        UUID id = UUID.fromString(text);
        if (id.toString().equalsIgnoreCase(text)) {
          return id;
        }
      }
    } catch (IllegalArgumentException malformed) {
      // Falls through: the same answer as for an id of another form.
    }
    throw EngineException.invalid(
        "job_id",
        "job_id must be a UUID as returned by Enqueue, but is \"%s\""
            .formatted(Text.clip(text, 80)));
  }
}
