package dev.reseolio.engine.flush;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private final Arrivals arrivals = new Arrivals();
  private final Source a = new Source();
  private final Source b = new Source();

  private Enqueue arrive(Source source, long giveUpNanos) {
    Enqueue enqueue =
        new Enqueue(FlusherFixture.job("x", null), source, FlusherFixture.LANE, giveUpNanos);
    arrivals.add(enqueue);
    return enqueue;
  }

  @Test
  void whoseTimeIsUpIsTakenOutWhereverItStands() {
    Enqueue first = arrive(a, 10);
    Enqueue second = arrive(a, 5);
    Enqueue only = arrive(b, 5);
    assertEquals(List.of(second, only), arrivals.pollExpired(6));
    assertEquals(first, arrivals.poll());
    assertTrue(arrivals.isEmpty());
  }

  @Test
  void aSourceThatWasEmptyTakesItsTurnAgain() {
    Enqueue first = arrive(a, 10);
    assertTrue(arrivals.remove(first));
    assertFalse(arrivals.remove(first), "it is gone");
    assertTrue(arrivals.isEmpty());
    Enqueue next = arrive(b, 10);
    Enqueue again = arrive(a, 10);
    assertEquals(List.of(next, again), arrivals.all());
    assertEquals(next, arrivals.poll());
    assertEquals(again, arrivals.poll());
  }
}
