package dev.reseolio.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.machine.RealMachine;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WatchTest {
  private static final Duration DEAD_AFTER = Duration.ofMillis(100);

  private final OnePeer nodes = new OnePeer();
  private final Watch watch =
      new Watch(
          RealMachine.INSTANCE,
          nodes,
          new Membership(RealMachine.INSTANCE, nodes, "n", "1"),
          5,
          DEAD_AFTER,
          () -> {});

  private static void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }

  @Test
  void aPeerThatBeatsIsLeftAlone() {
    for (int beat = 1; beat < 8; beat++) {
      nodes.peer = new Nodes.Peer(7, beat, true, true);
      assertFalse(watch.look());
      pass(Duration.ofMillis(30));
    }
    assertEquals(List.of(), nodes.takenOver);
    assertEquals(1, watch.peers());
  }

  @Test
  void aPeerWithoutSessionsIsTakenOverAtTheSecondLook() {
    watch.look();
    nodes.peer = new Nodes.Peer(7, 1, false, false);
    assertTrue(watch.look(), "wants to look again");
    assertEquals(List.of(), nodes.takenOver);
    pass(Duration.ofMillis(60));
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
    assertEquals(1, watch.takeovers());
  }

  @Test
  void aPeerThatComesBackBetweenTheLooksIsLeftAlone() {
    nodes.peer = new Nodes.Peer(7, 1, false, false);
    assertTrue(watch.look());
    nodes.peer = new Nodes.Peer(7, 1, true, true);
    assertFalse(watch.look());
    nodes.peer = new Nodes.Peer(7, 2, false, false);
    pass(Duration.ofMillis(60));
    assertTrue(watch.look());
    assertEquals(List.of(), nodes.takenOver, "counted anew");
  }

  @Test
  void aFrozenPeerIsTakenOverWhenItsBeatStandsStill() {
    watch.look();
    pass(DEAD_AFTER.plusMillis(20));
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
  }

  @Test
  void aPeerThatCouldNotBeatBecauseTheDatabaseWasAwayIsNotTakenForFrozen() {
    watch.look();
    nodes.away = true;
    assertThrows(StoreException.class, watch::look);
    pass(DEAD_AFTER.plusMillis(20));
    assertThrows(StoreException.class, watch::look);
    nodes.away = false;
    watch.look();
    assertEquals(List.of(), nodes.takenOver);
    pass(DEAD_AFTER.plusMillis(20));
    watch.look();
    assertEquals(List.of(7), nodes.takenOver, "but it does not beat now either");
  }

  @Test
  void missingSessionsProveNothingRightAfterAnOutage() {
    watch.distrust();
    nodes.peer = new Nodes.Peer(7, 1, false, false);
    assertFalse(watch.look());
    nodes.peer = new Nodes.Peer(7, 2, false, false);
    pass(Duration.ofMillis(60));
    assertFalse(watch.look());
    assertEquals(List.of(), nodes.takenOver);
  }
}
