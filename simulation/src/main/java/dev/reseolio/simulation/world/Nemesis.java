package dev.reseolio.simulation.world;

import dev.reseolio.simulation.database.Database;
import dev.reseolio.simulation.machine.Host;
import dev.reseolio.simulation.machine.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes the faults of a run, one every now and then, and heals everything at the end.
final class Nemesis {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  private final World world;
  private final Swarm swarm;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final List<Fault> faults;
  private Database.@Nullable Standby standby;
  private int standbyLogged;
  private long standbyMade;
  private boolean healed;

  Nemesis(World world, Swarm swarm) {
    this.world = world;
    this.swarm = swarm;
    this.scheduler = world.scheduler();
    this.random = scheduler.split();
    this.faults = swarm.faults().stream().filter(f -> f != Fault.LOSSY).toList();
  }

  void start() {
    for (SimulatedNode node : world.nodes()) {
      node.network().delay(random.nextLong(20_000, random.nextInt(4) == 0 ? 20 * MILLI : MILLI));
      node.network().faults(swarm.lossy());
    }
    if (!faults.isEmpty()) {
      later(random.nextLong(100 * MILLI, 3 * SECOND), this::strike);
    }
    if (faults.contains(Fault.FAILED_OVER)) {
      copy();
    }
  }

  private void later(long nanos, Runnable action) {
    scheduler.after(
        nanos,
        () -> {
          if (!healed) {
            action.run();
          }
        });
  }

  /// What the standby has: it lags behind.
  private void copy() {
    standby = world.server().database().copy();
    standbyLogged = world.log().size();
    standbyMade = scheduler.now();
    later(random.nextLong(200 * MILLI, 4 * SECOND), this::copy);
  }

  private void strike() {
    make(faults.get(random.nextInt(faults.size())));
    later(random.nextLong(50 * MILLI, 5 * SECOND), this::strike);
  }

  private void make(Fault fault) {
    SimulatedNode node = world.anyNode();
    SimulatedWorker worker = world.workers().get(random.nextInt(world.workers().size()));
    long while_ =
        random.nextInt(3) == 0
            ? random.nextLong(5 * SECOND, 40 * SECOND)
            : random.nextLong(MILLI, 3 * SECOND);
    switch (fault) {
      case LOSSY -> {}
      case NODE_KILLED -> killed(node);
      case NODE_STOPPED -> stopped(node);
      case NODE_FROZEN -> frozen(node.host(), while_);
      case NODE_CUT_OFF -> cutOff(node, while_);
      case CONTROL_LOST -> node.breakControl();
      case DATABASE_RESTARTED -> restarted();
      case FAILED_OVER -> failedOver();
      case DATABASE_CLOCK_SET ->
          world.server().database().jump(random.nextLong(-600, 600) * SECOND);
      case WORKER_KILLED -> {
        worker.kill();
        later(random.nextLong(20 * MILLI, 3 * SECOND), worker::bootIfDead);
      }
      case WORKER_FROZEN -> frozen(worker.host(), while_);
      case WIRE_BROKEN -> {
        if (worker.link() != null) {
          worker.link().breakOff();
        }
      }
    }
  }

  private void killed(SimulatedNode node) {
    if (!node.host().dead()) {
      node.kill();
      later(random.nextLong(20 * MILLI, 5 * SECOND), node::bootIfDead);
    }
  }

  private void stopped(SimulatedNode node) {
    node.stop(Duration.ofMillis(random.nextLong(0, 2_000)));
    later(random.nextLong(10 * SECOND, 20 * SECOND), node::bootIfDead);
  }

  private void frozen(Host host, long nanos) {
    host.freeze();
    later(nanos, host::thaw);
  }

  private void cutOff(SimulatedNode node, long nanos) {
    node.network().cut();
    if (nanos > 4 * SECOND) {
      later(4 * SECOND, node::sessionsTimeOut);
    }
    later(nanos, node.network()::mend);
  }

  private void restarted() {
    world.server().goDown();
    later(random.nextLong(10 * MILLI, 6 * SECOND), world.server()::comeUp);
  }

  private void failedOver() {
    Database.Standby copy = standby;
    if (copy != null) {
      world.failOver(copy, standbyLogged, standbyMade);
      copy();
      later(random.nextLong(10 * MILLI, 2 * SECOND), world.server()::comeUp);
    }
  }

  void heal() {
    healed = true;
    world.server().database().settleClock();
    world.server().comeUp();
    for (SimulatedNode node : world.nodes()) {
      node.network().faults(0);
      node.network().mend();
      node.host().thaw();
      node.bootIfDead();
    }
    for (SimulatedWorker worker : world.workers()) {
      worker.host().thaw();
      worker.bootIfDead();
    }
    scheduler.after(30 * SECOND, () -> world.nodes().forEach(SimulatedNode::bootIfDead));
  }
}
