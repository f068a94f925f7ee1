package dev.reseolio.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.simulation.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The simulated database does what PostgreSQL does: the same random calls get the same answers and
/// leave the same rows.
@Timeout(180)
class StoreDifferentialTest {
  private static final int CALLS = 250;
  private static final Duration FAR = Duration.ofDays(1);
  private static final List<String> TABLES =
      List.of(
          "job",
          "done",
          "attempt",
          "step",
          "ready",
          "timer",
          "lease",
          "key",
          "deadline",
          "cancel",
          "node");
  private static RealStore real;

  @BeforeAll
  static void open() throws Exception {
    real = new RealStore();
  }

  @AfterAll
  static void close() throws Exception {
    real.close();
  }

  @Test
  void theSameCallsGetTheSameAnswersAndLeaveTheSameRows() throws Exception {
    long fresh = new SplittableRandom().nextLong();
    for (long seed : new long[] {1, 2, 3, fresh}) {
      compare(seed);
    }
  }

  private static void compare(long seed) throws Exception {
    Set<String> seen = new HashSet<>();
    real.empty();
    long origin = System.nanoTime();
    long offset = Duration.between(Instant.parse("2026-01-01T00:00:00Z"), Instant.now()).toNanos();
    Database simulated = new Database(() -> System.nanoTime() - origin + offset, rows -> {});
    try (Nodes nodes = real.store.nodes();
        var calls = new RandomCalls(seed, real.store, nodes, simulated)) {
      for (int i = 0; i < CALLS; i++) {
        RandomCalls.Pair call = calls.next();
        String where = "seed %d, call %d: %s".formatted(seed, i, call.what());
        assertEquals(answer(call.real()), answer(call.simulated()), where);
        assertEquals(String.join("\n", real.dump()), String.join("\n", simulated.dump()), where);
        real.postponeSuspects(FAR);
        simulated.postponeSuspects(FAR);
        simulated.dump().forEach(row -> seen.add(row.substring(0, row.indexOf(' '))));
      }
      assertTrue(seen.containsAll(TABLES), "seed %d looked at %s only".formatted(seed, seen));
    }
  }

  private static String answer(Supplier<String> call) {
    try {
      return call.get();
    } catch (StoreException e) {
      return e.kind().name();
    }
  }
}
