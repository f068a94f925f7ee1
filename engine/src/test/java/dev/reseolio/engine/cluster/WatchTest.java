package dev.reseolio.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.machine.HandClock;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WatchTest {
  private static final Duration DEAD_AFTER = Duration.ofMillis(100);

  private static final Duration BARELY = Duration.ofMillis(99);

  private final HandClock clock = new HandClock();
  private final OnePeer nodes = new OnePeer();
  private final Watch watch =
      new Watch(clock, nodes, new Membership(clock, nodes, "n", "1"), 5, DEAD_AFTER, () -> {});

  private void pass(Duration time) {
    clock.pass(time);
  }

  private void pass(long millis) {
    clock.pass(Duration.ofMillis(millis));
  }

  private void lookAt(Nodes.Peer peer) {
    nodes.peer = peer;
    watch.look();
  }

  @Test
  void aPeerThatBeatsIsLeftAlone() {
    for (int beat = 1; beat < 8; beat++) {
      nodes.peer = new Nodes.Peer(7, beat, true, true, false);
      assertFalse(watch.look());
      pass(30);
    }
    assertEquals(List.of(), nodes.takenOver);
    assertEquals(1, watch.peers());
  }

  @Test
  void aPeerWithoutSessionsIsTakenOverWhenAllLooksOf100MillisecondsAgree() {
    pass(1);
    watch.look();
    nodes.peer = new Nodes.Peer(7, 1, false, false, false);
    assertTrue(watch.look(), "wants to look again");
    pass(BARELY);
    assertTrue(watch.look(), "wants to look again");
    assertEquals(List.of(), nodes.takenOver);
    pass(1);
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
    assertEquals(1, watch.takeovers());
  }

  /// It has no session by which anybody could see it.
  @Test
  void aPeerBehindAPoolerIsJudgedByItsBeatAlone() {
    pass(1);
    for (int beat = 1; beat < 8; beat++) {
      lookAt(new Nodes.Peer(7, beat, false, false, true));
      pass(30);
    }
    pass(DEAD_AFTER.minusMillis(30));
    watch.look();
    assertEquals(List.of(), nodes.takenOver);
    pass(1);
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
  }

  @Test
  void aPeerThatComesBackBetweenTheLooksIsLeftAlone() {
    pass(1);
    nodes.peer = new Nodes.Peer(7, 1, false, false, false);
    assertTrue(watch.look());
    nodes.peer = new Nodes.Peer(7, 1, true, true, false);
    assertFalse(watch.look());
    nodes.peer = new Nodes.Peer(7, 2, false, false, false);
    pass(150);
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
    nodes.peer = new Nodes.Peer(7, 1, false, false, false);
    assertFalse(watch.look());
    nodes.peer = new Nodes.Peer(7, 2, false, false, false);
    pass(150);
    assertFalse(watch.look());
    assertEquals(List.of(), nodes.takenOver);
  }

  /// It is known to have come back, so what it loses then it loses for itself.
  @Test
  void aPeerThatWasBackForHalfASecondAfterAnOutageMayBeGone() {
    watch.distrust();
    pass(1);
    lookAt(new Nodes.Peer(7, 1, true, true, false));
    pass(500);
    lookAt(new Nodes.Peer(7, 2, false, false, false));
    pass(100);
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
  }

  @Test
  void aPeerThatWasBackForLessIsLeftAlone() {
    watch.distrust();
    pass(1);
    lookAt(new Nodes.Peer(7, 1, true, true, false));
    pass(499);
    lookAt(new Nodes.Peer(7, 2, false, false, false));
    pass(99);
    lookAt(new Nodes.Peer(7, 3, false, false, false));
    assertEquals(List.of(), nodes.takenOver);
  }

  @Test
  void whatWasHeldBeforeAnOutageIsNotBack() {
    pass(1);
    lookAt(new Nodes.Peer(7, 1, true, true, false));
    pass(600);
    watch.distrust();
    pass(1);
    lookAt(new Nodes.Peer(7, 2, true, true, false));
    pass(200);
    lookAt(new Nodes.Peer(7, 3, false, false, false));
    pass(99);
    lookAt(new Nodes.Peer(7, 4, false, false, false));
    pass(99);
    lookAt(new Nodes.Peer(7, 5, false, false, false));
    assertEquals(List.of(), nodes.takenOver);
  }

  @Test
  void aPeerThatLosesItsControlSessionIsLookedAtClosely() {
    pass(1);
    lookAt(new Nodes.Peer(7, 1, false, true, false));
    assertEquals(Duration.ofMillis(25), watch.rest(watch.look()), "the others may be about to go");
    pass(25);
    lookAt(new Nodes.Peer(7, 1, false, false, false));
    pass(100);
    watch.look();
    assertEquals(List.of(7), nodes.takenOver);
  }

  @Test
  void aPeerThatGoesOnWithoutItsControlSessionIsNotLookedAtMoreOftenForLong() {
    pass(1);
    lookAt(new Nodes.Peer(7, 1, false, true, false));
    pass(500);
    nodes.peer = new Nodes.Peer(7, 2, false, true, false);
    assertEquals(Duration.ofMillis(200), watch.rest(watch.look()));
    assertEquals(List.of(), nodes.awaited, "its session is gone already");
  }

  @Test
  void theLossThatWasWaitedForIsLookedAtOnce() {
    nodes.loss = true;
    assertEquals(Duration.ZERO, watch.rest(watch.look()));
    assertEquals(List.of(7), nodes.awaited);
  }

  @Test
  void aLossThatTheLookDoesNotBearOutDoesNotMakeItSpin() {
    nodes.loss = true;
    watch.rest(watch.look());
    assertEquals(Duration.ofMillis(200), watch.rest(watch.look()));
    assertEquals(List.of(7), nodes.awaited, "waited once");
    pass(200);
    assertEquals(Duration.ZERO, watch.rest(watch.look()));
  }

  @Test
  void aWaitThatLastedIsFollowedByALook() {
    nodes.whileWaiting = () -> pass(500);
    for (int i = 0; i < 3; i++) {
      assertEquals(Duration.ZERO, watch.rest(watch.look()));
    }
    assertEquals(List.of(7, 7, 7), nodes.awaited);
  }

  @Test
  void aWaitThatIsCutShortOrRefusedIsLeftForAWhile() {
    nodes.whileWaiting = () -> pass(50);
    assertEquals(Duration.ofMillis(150), watch.rest(watch.look()), "as often as without waits");
    assertEquals(Duration.ofMillis(200), watch.rest(watch.look()));
    pass(Duration.ofSeconds(5));
    nodes.refusesWaits = true;
    assertEquals(Duration.ofMillis(200), watch.rest(watch.look()));
    assertEquals(Duration.ofMillis(200), watch.rest(watch.look()));
    assertEquals(List.of(7, 7), nodes.awaited);
  }

  @Test
  void theNextPeerByNumberIsTheOneWhoseLossIsWaitedFor() {
    nodes.loss = true;
    nodes.more.add(new Nodes.Peer(9, 1, true, true, false));
    nodes.more.add(new Nodes.Peer(0, 1, true, true, false));
    nodes.more.add(new Nodes.Peer(2, 1, false, true, false));
    watch.rest(watch.look());
    assertEquals(List.of(7), nodes.awaited, "the first after 1 that has a session to lose");
  }

  @Test
  void theLastByNumberWaitsForTheFirst() {
    nodes.loss = true;
    nodes.peer = new Nodes.Peer(0, 1, true, true, false);
    nodes.more.add(new Nodes.Peer(-1, 1, true, true, false));
    watch.rest(watch.look());
    assertEquals(List.of(-1), nodes.awaited);
  }
}
