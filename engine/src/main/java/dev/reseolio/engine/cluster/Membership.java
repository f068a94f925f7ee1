package dev.reseolio.engine.cluster;

import dev.reseolio.engine.flush.Flusher;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// This node's incarnation and its sign of life.
public final class Membership implements Flusher.Incarnation {
  private static final System.Logger LOG = System.getLogger(Membership.class.getName());
  private static final long PAUSE_NANOS = 200_000_000;

  private final Machine machine;
  private final Nodes nodes;
  private final String name;
  private final String version;
  private final ReentrantLock sessions = new ReentrantLock();
  private final AtomicLong beat = new AtomicLong();
  private volatile NodeRef me;
  private volatile int former;
  private volatile boolean abandoned;

  public Membership(Machine machine, Nodes nodes, String name, String version) {
    this.machine = machine;
    this.nodes = nodes;
    this.name = name;
    this.version = version;
    this.me = nodes.join(name, version);
  }

  @Override
  public NodeRef current() {
    return me;
  }

  /// What this incarnation still holds in the database is for others to find from here on.
  @Override
  public void abandon() {
    abandoned = true;
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
        machine.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void join() {
    sessions.lock();
    try {
      int before = me.id();
      me = nodes.join(name, version);
      former = before;
      abandoned = false;
    } finally {
      sessions.unlock();
    }
  }

  /// True for the incarnation this process was before: nothing of it lives any more.
  boolean isFormer(int node) {
    return node == former;
  }

  /// Opens the control session again, unless a new incarnation has done so meanwhile.
  void reconnect() {
    sessions.lock();
    try {
      nodes.awaitRings(Duration.ofMillis(1));
    } catch (StoreException gone) {
      nodes.reconnect(me);
    } finally {
      sessions.unlock();
    }
  }

  /// Publishes that this node lives, what it may hold, and what its workers offer. An incarnation
  /// that was abandoned does not: its low id would pass the jobs that a takeover has to find.
  public void beat(Supplier<UUID> lowId, Collection<Integer> offered) {
    NodeRef current = me;
    UUID low = lowId.get();
    int[] offers = offered.stream().mapToInt(Integer::intValue).sorted().toArray();
    if (!abandoned && current.equals(me)) {
      nodes.beat(current, beat.incrementAndGet(), low, offers);
    }
  }

  public void leave() {
    nodes.leave(me);
  }
}
