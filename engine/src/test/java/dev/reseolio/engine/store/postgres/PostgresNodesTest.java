package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Nodes.Peer;
import dev.reseolio.engine.store.Nodes.Ring;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PostgresNodesTest {
  private final StoreFixture db = new StoreFixture();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    db.close();
  }

  private PostgresNodes nodes() {
    PostgresNodes nodes = new PostgresNodes(db.store.connections());
    open.add(nodes);
    return nodes;
  }

  private static Peer peer(PostgresNodes as, NodeRef me, NodeRef other) {
    return as.peers(me).stream().filter(p -> p.id() == other.id()).findFirst().orElseThrow();
  }

  private static Peer await(
      PostgresNodes as, NodeRef me, NodeRef other, Predicate<Peer> condition) {
    while (true) {
      Peer seen = peer(as, me, other);
      if (condition.test(seen)) {
        return seen;
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void aNodeIsRegisteredAndSeenByTheOthersOnly() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "2");
    assertNotEquals(one.id(), two.id());
    assertEquals(List.of(new Peer(two.id(), 0, true, true, false)), a.peers(one));
    assertEquals(List.of(new Peer(one.id(), 0, true, true, false)), b.peers(two));
  }

  @Test
  void aBeatIsPublishedWithWhatTheNodeOffers() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "1");
    UUID low = Flushes.id();
    b.beat(two, 7, low, new int[] {3, 4});
    assertEquals(7, peer(a, one, two).beat());
    String where = " FROM node_beat WHERE node = " + two.id();
    assertEquals(low.toString(), db.text("SELECT low_id" + where));
    assertEquals("{3,4}", db.text("SELECT offers" + where));
  }

  @Test
  void aNodeThatLeavesIsNoPeer() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "1");
    b.leave(two);
    assertEquals(List.of(), a.peers(one));
    assertThrows(StoreException.class, () -> b.beat(two, 8, Flushes.id(), new int[0]));
    b.leave(two);
    assertEquals(List.of(), a.peers(one));
  }

  @Test
  void aNodeWhoseConnectionsAreGoneIsSeenGone() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "1");
    b.close();
    Peer gone = await(a, one, two, p -> !p.holdsSession());
    assertFalse(await(a, one, two, p -> !p.connected()).connected());
    assertFalse(gone.holdsSession());
  }

  @Test
  void aNodeWithoutItsControlSessionButWithItsWriterIsStillConnected() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "1");
    Writer writer = db.store.openWriter();
    open.add(writer);
    writer.flush(two, new Flushes().adopt().build());
    b.close();
    await(a, one, two, p -> !p.holdsSession());
    assertTrue(peer(a, one, two).connected());
    writer.close();
    await(a, one, two, p -> !p.connected());
  }

  @Test
  void aControlSessionComesBackUnderTheSameNumber() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef one = a.join("one", "1");
    NodeRef two = b.join("two", "1");
    db.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(Sessions.name("reseolio", two.id())));
    assertEquals(
        StoreException.Kind.UNAVAILABLE,
        assertThrows(StoreException.class, () -> b.awaitRings(Duration.ofSeconds(5))).kind());
    b.reconnect(two);
    assertTrue(peer(a, one, two).holdsSession());
    a.ring(new Ring.CancelRequested());
    assertEquals(List.of(new Ring.CancelRequested()), b.awaitRings(Duration.ofSeconds(5)));
  }

  @Test
  void aSessionThatCouldNotProveLifeDoesNotPassForOne() throws Exception {
    PostgresNodes b = nodes();
    NodeRef two = b.join("two", "1");
    b.close();
    try (Connection usurper = db.application();
        Statement statement = usurper.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(hashtext('reseolio'), %d)".formatted(two.id()));
      assertThrows(StoreException.class, () -> b.reconnect(two));
      assertThrows(StoreException.class, () -> b.awaitRings(Duration.ofMillis(1)));
    }
    b.reconnect(two);
    assertEquals(List.of(), b.awaitRings(Duration.ofMillis(1)));
  }

  @Test
  void ringsReachTheOthers() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    a.join("one", "1");
    b.join("two", "1");
    UUID job = UUID.randomUUID();
    List<Ring> rings =
        List.of(
            new Ring.Ready(List.of(1, 2)), new Ring.Done(List.of(job)), new Ring.CancelRequested());
    rings.forEach(a::ring);
    List<Ring> heard = new ArrayList<>();
    while (heard.size() < 3) {
      heard.addAll(b.awaitRings(Duration.ofSeconds(5)));
    }
    assertEquals(rings, heard);
    assertEquals(List.of(), b.awaitRings(Duration.ofMillis(1)));
  }

  @Test
  void closingTheStoreEndsItsSessions() {
    NodeRef me = db.store.nodes().join("n", "1");
    db.store.close();
    String left =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(Sessions.name("reseolio", me.id()));
    try (StoreFixture other = new StoreFixture()) {
      while (!"0".equals(other.text(left))) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void theLossOfAControlSessionEndsTheWaitForIt() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    a.join("one", "1");
    NodeRef two = b.join("two", "1");
    var lost = waiting(a, two);
    awaitWaiter();
    b.close();
    assertTrue(lost.join());
    b.reconnect(two);
  }

  @Test
  void aWaitForALossIsOverWithItsPatience() {
    PostgresNodes a = nodes();
    NodeRef two = nodes().join("two", "1");
    assertFalse(a.awaitLoss(two.id(), Duration.ofMillis(20)));
    assertFalse(a.awaitLoss(two.id(), Duration.ofMillis(20)), "nothing is kept of it");
  }

  @Test
  void twoMayWaitForTheSameLossAndTheNodeComesBackAllTheSame() {
    PostgresNodes a = nodes();
    PostgresNodes b = nodes();
    NodeRef two = b.join("two", "1");
    try (StoreFixture other = new StoreFixture(db.url)) {
      var first = waiting(a, two);
      var second = waiting(other.store.nodes(), two);
      while (!"2".equals(db.text(WAITERS))) {
        Thread.onSpinWait();
      }
      b.reconnect(two);
      assertTrue(first.join());
      assertTrue(second.join());
    }
  }

  /// It must not become an error: the server's log would have one for each.
  @Test
  void aTimeoutThatIsForcedOnTheRoleEndsTheWait() {
    NodeRef two = nodes().join("two", "1");
    db.execute(
        "ALTER ROLE CURRENT_USER IN DATABASE %s SET statement_timeout = '50ms'"
            .formatted(db.database));
    try (StoreFixture bound = new StoreFixture(db.url)) {
      assertFalse(bound.store.nodes().awaitLoss(two.id(), Duration.ofSeconds(30)));
    }
  }

  /// Who waits must not take a turn from the short calls: with one connection there would be none.
  @Test
  void shortCallsGoOnWhileSomebodyWaits() {
    NodeRef two = nodes().join("two", "1");
    CompletableFuture<Boolean> lost;
    try (PostgresStore small = PostgresStore.open(PostgresUrl.parse(db.url), "reseolio", 1)) {
      lost = waiting(small.nodes(), two);
      awaitWaiter();
      assertEquals(1, small.nodes().peers(new NodeRef(0, UUID.randomUUID())).size());
      assertFalse(lost.isDone());
    }
    assertThrows(CompletionException.class, lost::join, "closing ends the wait");
  }

  private static final String WAITERS =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";

  private static CompletableFuture<Boolean> waiting(Nodes on, NodeRef node) {
    return CompletableFuture.supplyAsync(
        () -> on.awaitLoss(node.id(), Duration.ofSeconds(30)), Thread::startVirtualThread);
  }

  private void awaitWaiter() {
    while (!"1".equals(db.text(WAITERS))) {
      Thread.onSpinWait();
    }
  }
}
