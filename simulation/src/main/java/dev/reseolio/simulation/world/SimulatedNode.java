package dev.reseolio.simulation.world;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.EngineConfig;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.simulation.machine.Host;
import dev.reseolio.simulation.store.Network;
import dev.reseolio.simulation.store.SimulatedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A place where a sidecar runs: the process that is there now, and its engine.
final class SimulatedNode {
  static final int CRASH_BUDGET = 5;
  private static final EngineConfig CONFIG =
      new EngineConfig(
          "simulated",
          "1",
          CRASH_BUDGET,
          Duration.ofDays(7),
          EngineConfig.DEFAULT.limits(),
          new EngineConfig.Timing(
              Duration.ofSeconds(15),
              Duration.ofSeconds(1),
              Duration.ofSeconds(2),
              Duration.ofSeconds(1),
              Duration.ofSeconds(10)));

  private final World world;
  private final String name;
  private final Network network;
  private final List<Link> links = new ArrayList<>();
  private Host host;
  private @Nullable Engine engine;
  private @Nullable SimulatedStore store;

  SimulatedNode(World world, String name) {
    this.world = world;
    this.name = name;
    this.network = new Network(world.scheduler().split());
    this.host = new Host(name, world.scheduler());
  }

  Host host() {
    return host;
  }

  Network network() {
    return network;
  }

  Optional<Engine> engine() {
    return host.dead() ? Optional.empty() : Optional.ofNullable(engine);
  }

  void boot() {
    Host fresh = new Host(name, world.scheduler());
    host = fresh;
    engine = null;
    SimulatedStore opened = new SimulatedStore(fresh, network, world.server());
    store = opened;
    fresh.start("main", () -> start(fresh, opened));
  }

  private void start(Host on, SimulatedStore opened) {
    try {
      Engine started = Engine.start(CONFIG, opened, on);
      engine = started;
    } catch (StoreException e) {
      kill();
      world.scheduler().after(500_000_000, this::bootIfDead);
    }
  }

  void bootIfDead() {
    if (host.dead()) {
      boot();
    }
  }

  /// The process dies; the kernel closes its connections.
  void kill() {
    host.kill();
    engine = null;
    List<Link> broken = List.copyOf(links);
    links.clear();
    broken.forEach(Link::nodeDied);
    SimulatedStore left = Objects.requireNonNull(store);
    if (!network.cutOff()) {
      world.scheduler().after(3_000_000, left::abandon);
    } else {
      world.scheduler().after(3_000_000_000L, left::abandon);
    }
  }

  /// The process is told to end, and takes its leave.
  void stop(Duration grace) {
    Engine running = engine;
    Host on = host;
    if (running != null && !on.dead()) {
      engine = null;
      on.start(
          "stop",
          () -> {
            running.drain(grace);
            running.close();
            if (host == on) {
              kill();
            }
          });
    }
  }

  /// The server notices that a process is out of reach.
  void sessionsTimeOut() {
    if (store != null) {
      store.abandon();
    }
  }

  void breakControl() {
    if (store != null) {
      store.breakControl();
    }
  }

  void linked(Link link) {
    links.add(link);
  }

  void unlinked(Link link) {
    links.remove(link);
  }

  @Override
  public String toString() {
    return "%s(%s%s%s, %d links, %s)"
        .formatted(
            name,
            host.dead() ? "dead" : engine == null ? "starting" : "up",
            host.frozen() ? " frozen" : "",
            network.cutOff() ? " cut off" : "",
            links.size(),
            engine == null ? "" : engine.gauges());
  }

  List<Link> links() {
    return links;
  }
}
