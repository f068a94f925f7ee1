package dev.reseolio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeapWatchTest {
  private static final long LEFT = 5 << 20;

  private long used;
  private long alive = LEFT;
  private int collections;
  private final HeapWatch watch = new HeapWatch(() -> used, this::collect);

  private void collect() {
    collections++;
    used = alive;
  }

  private int collectionsAfter(long usedNow) {
    used = usedNow;
    watch.look();
    return collections;
  }

  @Test
  void collectsWhatHasGrownSinceTheLastTime() {
    long most = HeapWatch.MOST_GROWTH_BYTES;
    assertEquals(0, collectionsAfter(most));
    assertEquals(1, collectionsAfter(most + 1));
    assertEquals(1, collectionsAfter(LEFT + most));
    assertEquals(2, collectionsAfter(LEFT + most + 1));
  }

  @Test
  void whatIsAliveIsNotCollectedAgainAndAgain() {
    alive = 50 << 20;
    assertEquals(1, collectionsAfter(alive));
    assertEquals(1, collectionsAfter(alive));
  }

  @Test
  void growthCountsFromTheLeastThatWasSeen() {
    alive = 50 << 20;
    collectionsAfter(alive);
    assertEquals(1, collectionsAfter(LEFT)); // The collector itself was there.
    assertEquals(2, collectionsAfter(LEFT + HeapWatch.MOST_GROWTH_BYTES + 1));
  }
}
