package dev.reseolio.engine.cluster;

import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Nodes.Peer;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Watches the other nodes and takes over those that are gone. Everything is aged by this process's
/// monotonic clock: no wall clock takes part.
///
/// | what is seen | taken over |
/// |---|---|
/// | this process itself was that node | at once |
/// | no session of the node exists | when all looks of the next 100 ms agree |
/// | the control session is gone, others exist | when no beat has come for 3 s |
/// | the control session exists | when no beat has come for `deadAfter`: a frozen process |
/// | it is behind a pooler, and has no session | when no beat has come for `deadAfter` |
///
/// After this node itself lost the database, missing sessions prove nothing for 3 s: everybody has
/// to come back first. Who has been back for half a second is believed to be gone at once. Only
/// time that was watched counts as silence: after a pause between two looks, whether the database
/// or this process stood still, every age starts anew.
///
/// Between two looks it waits in the server for the loss of one peer, the next one by number: so
/// the death of any node is news to one other at once, and everybody else looks by the clock.
public final class Watch {
  private static final System.Logger LOG = System.getLogger(Watch.class.getName());
  private static final Duration CONFIRM = Duration.ofMillis(100);
  private static final Duration SOON = Duration.ofMillis(25);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration ALONE = Duration.ofSeconds(1);

  /// How long one wait takes: shorter than the second after which PostgreSQL suspects a deadlock.
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /// A control session that has been held this long after an outage is back.
  private static final Duration BACK = Duration.ofMillis(500);

  /// A session that was lost so lately that the others of its node may be about to follow.
  private static final Duration FRESH = Duration.ofMillis(500);

  private static final Duration WITHOUT_WAITS = Duration.ofSeconds(5);
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final Machine machine;
  private final Nodes nodes;
  private final Membership membership;
  private final int crashBudget;
  private final long deadAfterNanos;
  private final Runnable onTakeOver;
  private final LongAdder takeovers = new LongAdder();
  private final Map<Integer, Seen> seen = new HashMap<>();
  private long lookedNanos;
  private volatile long trustFromNanos;
  private volatile int peers;

  private int next;
  private long waitFromNanos;

  /// @param heldNanos since when its control session is there, or was until it was lost; 0: never
  /// @param lostNanos since when its control session is gone; 0: it is there
  /// @param goneNanos since when it has no session at all; 0: it has
  private record Seen(long beat, long beatNanos, long heldNanos, long lostNanos, long goneNanos) {}

  /// @param onTakeOver told when this node has given back the jobs of another
  public Watch(
      Machine machine,
      Nodes nodes,
      Membership membership,
      int crashBudget,
      Duration deadAfter,
      Runnable onTakeOver) {
    this.machine = machine;
    this.lookedNanos = machine.nanoTime();
    this.trustFromNanos = lookedNanos;
    this.waitFromNanos = lookedNanos;
    this.nodes = nodes;
    this.membership = membership;
    this.crashBudget = crashBudget;
    this.deadAfterNanos = deadAfter.toNanos();
    this.onTakeOver = onTakeOver;
  }

  /// How many other nodes live, as of the last look.
  public int peers() {
    return peers;
  }

  public long takeovers() {
    return takeovers.sum();
  }

  /// The database was out of reach: give the others time to come back.
  public void distrust() {
    trustFromNanos = machine.nanoTime() + QUIET.toNanos();
  }

  /// Looks once. Returns true when it wants to look again soon: a peer may be dead.
  public boolean look() {
    // Before the question: what froze this process before it read the answer makes nobody older.
    // What the answer is the first to tell begins after it.
    long now = machine.nanoTime();
    List<Peer> live;
    try {
      live = nodes.peers(membership.current());
    } catch (StoreException e) {
      distrust();
      throw e;
    }
    if (now - lookedNanos > LONGEST_PAUSE.toNanos()) {
      seen.clear();
    }
    lookedNanos = now;
    long told = machine.nanoTime();
    peers = live.size();
    next = next(live, membership.current().id());
    seen.keySet().retainAll(live.stream().map(Peer::id).toList());
    boolean again = false;
    for (Peer peer : live) {
      again |= judge(peer, now, told);
    }
    return again;
  }

  /// The peer whose loss is waited for: in the circle of all that hold a session the one after this
  /// node. 0: none does.
  private static int next(List<Peer> live, int me) {
    return live.stream()
        .filter(Peer::holdsSession)
        .map(Peer::id)
        .min(Comparator.comparing((Integer id) -> id < me).thenComparing(id -> id))
        .orElse(0);
  }

  /// Lets time pass until there is reason to look again, most of it in the server.
  ///
  /// @param soon what the last look returned
  /// @return how long to pause besides
  public Duration rest(boolean soon) {
    if (soon) {
      return SOON;
    }
    long now = machine.nanoTime();
    if (next == 0 || now - waitFromNanos < 0) {
      return peers == 0 ? ALONE : PAUSE;
    }
    boolean lost = awaitLoss(next);
    long then = machine.nanoTime();
    Duration left = PAUSE.minusNanos(then - now);
    boolean early = left.isPositive();
    // A loss that the look does not bear out must not make it spin, nor a wait that is cut short.
    waitFromNanos = then + (lost ? PAUSE : early ? WITHOUT_WAITS : Duration.ZERO).toNanos();
    return early && !lost ? left : Duration.ZERO;
  }

  private boolean awaitLoss(int node) {
    try {
      return nodes.awaitLoss(node, PATIENCE);
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot wait for a loss: {0}", e.getMessage());
      return false;
    }
  }

  private boolean judge(Peer peer, long now, long told) {
    Seen before = seen.getOrDefault(peer.id(), new Seen(Long.MIN_VALUE, told, 0, 0, 0));
    long distrustNanos = trustFromNanos - QUIET.toNanos();
    long beatNanos = peer.beat() == before.beat ? before.beatNanos : told;
    if (beatNanos - distrustNanos < 0) {
      beatNanos = distrustNanos;
    }
    boolean lost = !peer.pooled() && !peer.holdsSession();
    long heldNanos = lost ? before.heldNanos : held(before, distrustNanos, told);
    long lostNanos = since(lost, before.lostNanos, told);
    boolean trusted =
        now - trustFromNanos > 0 || (lost && wasBack(heldNanos, distrustNanos, lostNanos));
    boolean gone = lost && !peer.connected() && trusted;
    long goneNanos = since(gone, before.goneNanos, told);
    seen.put(peer.id(), new Seen(peer.beat(), beatNanos, heldNanos, lostNanos, goneNanos));
    String why = verdict(peer, now, now - beatNanos, gone ? now - goneNanos : -1);
    if (why != null) {
      takeOver(peer.id(), why);
      return false;
    }
    boolean fresh = lostNanos != 0 && now - lostNanos < FRESH.toNanos();
    return gone || (fresh && trusted);
  }

  /// Nothing is known to have been held across an outage of this node's own.
  private static long held(Seen before, long distrustNanos, long told) {
    boolean anew =
        before.heldNanos == 0 || before.lostNanos != 0 || before.heldNanos - distrustNanos < 0;
    return anew ? told : before.heldNanos;
  }

  private static boolean wasBack(long heldNanos, long distrustNanos, long lostNanos) {
    return heldNanos != 0
        && heldNanos - distrustNanos >= 0
        && lostNanos - heldNanos >= BACK.toNanos();
  }

  private static long since(boolean now, long before, long nanos) {
    return !now ? 0 : before == 0 ? nanos : before;
  }

  private @org.jspecify.annotations.Nullable String verdict(
      Peer peer, long now, long quiet, long gone) {
    if (membership.isFormer(peer.id())) {
      return "this sidecar is another node now";
    }
    if (gone >= CONFIRM.toNanos()) {
      return "its sessions are gone";
    }
    if (quiet > deadAfterNanos) {
      return "it has not beaten for %d s".formatted(Duration.ofNanos(quiet).toSeconds());
    }
    boolean trusted = now - trustFromNanos > 0;
    return trusted && !peer.pooled() && !peer.holdsSession() && quiet > QUIET.toNanos()
        ? "its control session is gone and it does not beat"
        : null;
  }

  private void takeOver(int id, String why) {
    seen.remove(id);
    long start = machine.nanoTime();
    if (nodes.takeOver(membership.current(), id, crashBudget)) {
      takeovers.increment();
      LOG.log(
          System.Logger.Level.WARNING,
          "took over node {0,number,#} in {1,number,#} ms: {2}",
          id,
          Duration.ofNanos(machine.nanoTime() - start).toMillis(),
          why);
      onTakeOver.run();
    }
  }
}
