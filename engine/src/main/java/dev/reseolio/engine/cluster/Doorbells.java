package dev.reseolio.engine.cluster;

import dev.reseolio.engine.dispatch.Bell;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Nodes.Ring;
import dev.reseolio.engine.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Collects doorbells and rings them together, at most once in 2 ms, and only while there is
/// another node to hear them.
public final class Doorbells implements Bell {
  private static final System.Logger LOG = System.getLogger(Doorbells.class.getName());
  private static final long PAUSE_NANOS = 2_000_000;

  private final Nodes nodes;
  private final BooleanSupplier alone;
  private final Consumer<Instant> onDue;
  private final ConcurrentSkipListSet<Integer> ready = new ConcurrentSkipListSet<>();
  private final ConcurrentLinkedQueue<UUID> done = new ConcurrentLinkedQueue<>();
  private final Machine machine;
  private final Thread thread;
  private volatile boolean anywhere;
  private volatile boolean cancel;
  private volatile boolean stopping;

  /// @param onDue told when a job of this node falls due
  public Doorbells(Machine machine, Nodes nodes, BooleanSupplier alone, Consumer<Instant> onDue) {
    this.machine = machine;
    thread = machine.virtualThread("reseolio-doorbell", this::run);
    this.nodes = nodes;
    this.alone = alone;
    this.onDue = onDue;
  }

  public void start() {
    thread.start();
  }

  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void ready(int laneId) {
    if (!alone.getAsBoolean() && ready.add(laneId)) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void due(Instant at) {
    onDue.accept(at);
  }

  @Override
  public void done(List<UUID> jobs) {
    if (!alone.getAsBoolean()) {
      done.addAll(jobs);
      LockSupport.unpark(thread);
    }
  }

  /// Somebody asked to cancel a job that runs on another node.
  public void cancelRequested() {
    cancel = true;
    LockSupport.unpark(thread);
  }

  /// Jobs went to `ready` in lanes that are not known here: a dead node's.
  public void anywhere() {
    anywhere = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!stopping) {
      if (ready.isEmpty() && done.isEmpty() && !cancel && !anywhere) {
        LockSupport.park(this);
      } else {
        ring();
        machine.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void ring() {
    try {
      if (anywhere) {
        anywhere = false;
        nodes.ring(new Ring.Anywhere());
      }
      if (cancel) {
        cancel = false;
        nodes.ring(new Ring.CancelRequested());
      }
      List<Integer> lanes = new ArrayList<>();
      for (Integer lane; (lane = ready.pollFirst()) != null; ) {
        lanes.add(lane);
      }
      if (!lanes.isEmpty()) {
        nodes.ring(new Ring.Ready(lanes));
      }
      List<UUID> ended = new ArrayList<>();
      for (UUID id; ended.size() < 1000 && (id = done.poll()) != null; ) {
        ended.add(id);
      }
      if (!ended.isEmpty()) {
        nodes.ring(new Ring.Done(ended));
      }
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "a doorbell was lost: {0}", e.getMessage());
    }
  }
}
