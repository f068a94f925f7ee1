package dev.reseolio.engine.cluster;

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
/// | no session of the node exists | when a second look 50 ms later agrees |
/// | the control session is gone, others exist | when no beat has come for 3 s |
/// | the control session exists | when no beat has come for `deadAfter`: a frozen process |
///
/// After this node itself lost the database, missing sessions prove nothing for 3 s, and missing
/// beats count from then on: everybody has to come back first.
public final class Watch {
  private static final System.Logger LOG = System.getLogger(Watch.class.getName());
  private static final Duration CONFIRM = Duration.ofMillis(50);
  private static final Duration QUIET = Duration.ofSeconds(3);

  private final Nodes nodes;
  private final Membership membership;
  private final int crashBudget;
  private final long deadAfterNanos;
  private final LongAdder takeovers = new LongAdder();
  private final Map<Integer, Seen> seen = new HashMap<>();
  private volatile long trustFromNanos = System.nanoTime();
  private volatile int peers;

  private record Seen(long beat, long beatNanos, long goneNanos) {}

  public Watch(Nodes nodes, Membership membership, int crashBudget, Duration deadAfter) {
    this.nodes = nodes;
    this.membership = membership;
    this.crashBudget = crashBudget;
    this.deadAfterNanos = deadAfter.toNanos();
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
    trustFromNanos = System.nanoTime() + QUIET.toNanos();
  }

  /// Looks once. Returns true when it wants to look again after 50 ms.
  public boolean look() {
    List<Peer> now;
    try {
      now = nodes.peers(membership.current());
    } catch (StoreException e) {
      distrust();
      throw e;
    }
    peers = now.size();
    seen.keySet().retainAll(now.stream().map(Peer::id).toList());
    boolean again = false;
    for (Peer peer : now) {
      again |= judge(peer, System.nanoTime());
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
    boolean gone = !peer.connected() && now - trustFromNanos > 0;
    long goneNanos = !gone ? 0 : before.goneNanos == 0 ? now : before.goneNanos;
    seen.put(peer.id(), new Seen(peer.beat(), beatNanos, goneNanos));
    String why = verdict(peer, now - beatNanos, gone ? now - goneNanos : -1);
    if (why != null) {
      takeOver(peer.id(), why);
      return false;
    }
    return gone;
  }

  private @org.jspecify.annotations.Nullable String verdict(Peer peer, long quiet, long gone) {
    if (gone >= CONFIRM.toNanos()) {
      return "its sessions are gone";
    }
    if (quiet > deadAfterNanos) {
      return "it has not beaten for %d s".formatted(Duration.ofNanos(quiet).toSeconds());
    }
    boolean trusted = System.nanoTime() - trustFromNanos > 0;
    return trusted && !peer.holdsSession() && quiet > QUIET.toNanos()
        ? "its control session is gone and it does not beat"
        : null;
  }

  private void takeOver(int id, String why) {
    long start = System.nanoTime();
    if (nodes.takeOver(membership.current(), id, crashBudget)) {
      takeovers.increment();
      LOG.log(
          System.Logger.Level.WARNING,
          "took over node {0} in {1} ms: {2}",
          id,
          Duration.ofNanos(System.nanoTime() - start).toMillis(),
          why);
    }
    seen.remove(id);
  }
}
