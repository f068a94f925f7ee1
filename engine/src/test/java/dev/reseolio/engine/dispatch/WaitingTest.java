package dev.reseolio.engine.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.Flush.Slot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaitingTest {
  private final Waiting waiting = new Waiting(new SplittableRandom(1));

  /// Lane 10 and 11 belong to function 1, lane 20 to function 2.
  private static Lane lane(int id) {
    return new Lane(id, id / 10, "f" + id / 10, "q" + id % 10);
  }

  private List<Slot> slots(Integer... functions) {
    return waiting.slots(Set.of(functions), WaitingTest::lane);
  }

  @Test
  void knowsNothingAtFirst() {
    assertTrue(waiting.isEmpty());
    assertEquals(List.of(), slots(1, 2));
    assertFalse(waiting.mayHold(10));
  }

  @Test
  void givesTheSlotsOfAWorkersFunctionsMostUrgentFirst() {
    waiting.mark(10, 7);
    waiting.mark(20, 0);
    waiting.mark(11, 3);
    assertEquals(List.of(new Slot(11, 3, 0), new Slot(10, 7, 0)), slots(1));
    assertEquals(List.of(new Slot(20, 0, 0)), slots(2));
    assertTrue(waiting.any(Set.of(2), WaitingTest::lane));
    assertFalse(waiting.any(Set.of(3), WaitingTest::lane));
    assertTrue(waiting.mayHold(20));
  }

  @Test
  void emptiedSlotsAreForgottenButNotThoseMarkedMeanwhile() {
    waiting.mark(10, 5);
    waiting.mark(11, 5);
    long moment = waiting.moment();
    List<Slot> claimed = slots(1);
    waiting.mark(11, 5); // A job arrives while the claim is under way.
    waiting.emptied(claimed, moment);
    assertEquals(List.of(new Slot(11, 5, 0)), slots(1));
    waiting.emptied(slots(1), waiting.moment());
    assertTrue(waiting.isEmpty());
  }

  @Test
  void emptyingOnePriorityLeavesTheOthers() {
    waiting.markAll(10);
    assertEquals(Waiting.PRIORITIES, slots(1).size());
    waiting.emptied(slots(1).subList(0, 4), waiting.moment());
    assertEquals(List.of(4, 5, 6, 7, 8, 9), slots(1).stream().map(Slot::priority).toList());
  }

  @Test
  void aBusyLaneDoesNotComeFirstForEver() {
    for (int id : List.of(10, 11, 20)) {
      waiting.mark(id, 5);
    }
    Set<Integer> first = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      first.add(slots(1, 2).getFirst().laneId());
    }
    assertEquals(Set.of(10, 11, 20), first, "each lane has its turn");
  }

  @Test
  void slotsAreReadFromTheirCursorsUntilTheseAreRewound() {
    waiting.mark(10, 5);
    waiting.advance(List.of(new Slot(10, 5, 40)));
    assertEquals(List.of(new Slot(10, 5, 40)), slots(1));
    assertEquals(40, waiting.all(List.of(lane(10))).get(5).after());
    assertEquals(0, waiting.all(List.of(lane(10))).get(4).after());
    waiting.rewind();
    assertEquals(List.of(new Slot(10, 5, 0)), slots(1));
  }

  @Test
  void cursorsHaveSomewhereToGoAfterAMark() {
    assertFalse(waiting.moved());
    waiting.mark(10, 5);
    assertTrue(waiting.moved());
    waiting.settled();
    assertFalse(waiting.moved());
  }

  @Test
  void lanesThatNobodyOffersDoNotFillTheMemory() {
    for (int lane = 0; lane < 100_000; lane++) {
      waiting.mark(lane, 5);
      if (waiting.crowded()) {
        waiting.retain(Set.of(0), WaitingTest::lane);
      }
    }
    assertTrue(waiting.mayHold(0), "somebody offers it");
    assertTrue(waiting.mayHold(9), "this one as well");
    assertFalse(waiting.mayHold(10));
    int known = slots(IntStream.range(0, 10_000).boxed().toArray(Integer[]::new)).size();
    assertTrue(known <= Waiting.MUCH, "knows " + known);
  }
}
