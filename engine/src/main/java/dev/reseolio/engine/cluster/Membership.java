package dev.reseolio.engine.cluster;

import dev.reseolio.engine.dispatch.Executions;
import dev.reseolio.engine.dispatch.Sessions;
import dev.reseolio.engine.flush.Flusher;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// This node's incarnation and its sign of life.
public final class Membership implements Flusher.Incarnation {
  private static final System.Logger LOG = System.getLogger(Membership.class.getName());
  private static final long PAUSE_NANOS = 200_000_000;

  private final Nodes nodes;
  private final String name;
  private final String version;
  private final AtomicLong beat = new AtomicLong();
  private volatile NodeRef me;
  private volatile int former;

  public Membership(Nodes nodes, String name, String version) {
    this.nodes = nodes;
    this.name = name;
    this.version = version;
    this.me = nodes.join(name, version);
  }

  @Override
  public NodeRef current() {
    return me;
  }

  /// Registers anew, for as long as it takes.
  @Override
  public void renew() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        join();
        LOG.log(System.Logger.Level.INFO, "this sidecar is node {0,number,#} now", me.id());
        return;
      } catch (StoreException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "cannot register a new incarnation yet: {0}",
            e.getMessage());
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private synchronized void join() {
    int before = me.id();
    me = nodes.join(name, version);
    former = before;
  }

  /// True for the incarnation this process was before: nothing of it lives any more.
  boolean isFormer(int node) {
    return node == former;
  }

  /// Opens the control session again, unless a new incarnation has done so meanwhile.
  synchronized void reconnect() {
    try {
      nodes.awaitRings(Duration.ofMillis(1));
    } catch (StoreException gone) {
      nodes.reconnect(me);
    }
  }

  /// Publishes that this node lives, what it may hold, and what its workers offer.
  public void beat(Executions executions, Sessions sessions) {
    int[] offers = sessions.offered().stream().mapToInt(Integer::intValue).sorted().toArray();
    nodes.beat(me, beat.incrementAndGet(), executions.lowId(), offers);
  }

  public void leave() {
    nodes.leave(me);
  }
}
