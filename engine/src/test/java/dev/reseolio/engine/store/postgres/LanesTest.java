package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.Store;
import org.junit.jupiter.api.Test;

/// Clients choose the names of queues, and how many there are.
class LanesTest {
  @Test
  void aFunctionHasAThousandQueuesAndItsDefault() {
    try (TestStore db = new TestStore();
        Store store = db.open()) {
      Jobs jobs = store.jobs();
      int first = jobs.lane("f", "first").id();
      db.execute(
          "INSERT INTO lane (function, queue) SELECT f.id, 'q' || n FROM function f, generate_series(1, %d) n"
              .formatted(Lanes.MOST_QUEUES - 1));
      EngineException refused =
          assertThrows(EngineException.class, () -> jobs.lane("f", "one too many"));
      assertEquals(Reason.INVALID_ARGUMENT, refused.reason());
      assertEquals("queue", refused.field());
      assertEquals(first, jobs.lane("f", "first").id());
      assertNotEquals(first, jobs.lane("f", "q7").id());
      assertEquals("default", jobs.lane("f", Lane.DEFAULT_QUEUE).queue());
      assertEquals("one too many", jobs.lane("g", "one too many").queue());
    }
  }

  @Test
  void whatIsKnownIsBounded() {
    Cache<Integer, String> cache = new Cache<>(3);
    for (int i = 0; i < 4; i++) {
      cache.put(i, "v" + i);
    }
    assertNull(cache.get(0));
    assertEquals("v3", cache.get(3));
  }
}
