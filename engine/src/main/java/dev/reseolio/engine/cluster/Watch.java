package dev.reseolio.engine.cluster;

import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Nodes.Peer;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
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
/// | no session of the node exists | when a second look 50 ms later agrees |
/// | the control session is gone, others exist | when no beat has come for 3 s |
/// | the control session exists | when no beat has come for `deadAfter`: a frozen process |
/// | it is behind a pooler, and has no session | when no beat has come for `deadAfter` |
///
/// After this node itself lost the database, missing sessions prove nothing for 3 s: everybody has
/// to come back first. Only time that was watched counts as silence: after a pause between two
/// looks, whether the database or this process stood still, every age starts anew.
public final class Watch {
  private static final System.Logger LOG = System.getLogger(Watch.class.getName());
  private static final Duration CONFIRM = Duration.ofMillis(50);
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

  private record Seen(long beat, long beatNanos, long goneNanos) {}

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

  /// Looks once. Returns true when it wants to look again after 50 ms.
  public boolean look() {
    // Before the question: what froze this process before it read the answer makes nobody older.
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
    peers = live.size();
    seen.keySet().retainAll(live.stream().map(Peer::id).toList());
    boolean again = false;
    for (Peer peer : live) {
      again |= judge(peer, now);
    }
    return again;
  }

  private boolean judge(Peer peer, long now) {
    Seen before = seen.getOrDefault(peer.id(), new Seen(Long.MIN_VALUE, now, 0));
    long beatNanos = peer.beat() == before.beat ? before.beatNanos : now;
    long distrustNanos = trustFromNanos - QUIET.toNanos();
    if (beatNanos - distrustNanos < 0) {
      beatNanos = distrustNanos;
    }
    boolean gone = !peer.pooled() && !peer.connected() && now - trustFromNanos > 0;
    long goneNanos = !gone ? 0 : before.goneNanos == 0 ? now : before.goneNanos;
    seen.put(peer.id(), new Seen(peer.beat(), beatNanos, goneNanos));
    String why = verdict(peer, now, now - beatNanos, gone ? now - goneNanos : -1);
    if (why != null) {
      takeOver(peer.id(), why);
      return false;
    }
    return gone;
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
