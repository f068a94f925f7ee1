package dev.reseolio.simulation.world;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.ReportedStep;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.simulation.machine.Host;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A worker process: takes executions, answers, comes back when its connection breaks, repeats what
/// was not acknowledged.
final class SimulatedWorker {
  private static final long BEAT = 1_000_000_000;

  private final World world;
  private final String name;
  private final RandomGenerator random;
  private final int credits;
  private Host host;
  private @Nullable Link link;
  private @Nullable SimulatedNode home;
  private @Nullable String session;
  private boolean welcomed;
  private final Map<LeaseKey, Optional<Outcome>> held = new LinkedHashMap<>();
  private final Set<LeaseKey> stopped = new LinkedHashSet<>();
  private SimulatedSteps steps;

  SimulatedWorker(World world, String name) {
    this.world = world;
    this.name = name;
    this.random = world.scheduler().split();
    this.credits = random.nextInt(1, 9);
    this.host = new Host(name, world.scheduler());
    this.steps = new SimulatedSteps(world, this, random);
  }

  Host host() {
    return host;
  }

  @Nullable Link link() {
    return link;
  }

  void boot() {
    Host fresh = new Host(name, world.scheduler());
    host = fresh;
    link = null;
    session = null;
    held.clear();
    stopped.clear();
    steps = new SimulatedSteps(world, this, random);
    fresh.start("main", () -> live(fresh));
  }

  void bootIfDead() {
    if (host.dead()) {
      boot();
    }
  }

  @Override
  public String toString() {
    return "%s(%s%s, %s, %s, holds %s)"
        .formatted(
            name,
            host.dead() ? "dead" : "up",
            host.frozen() ? " frozen" : "",
            link == null ? "no link" : "link to " + link.node().host().name(),
            welcomed ? "welcome" : "not welcome",
            held);
  }

  private void live(Host on) {
    while (!on.dead()) {
      if (link == null) {
        connect();
      } else if (welcomed) {
        link.beat();
      }
      on.sleep(link == null ? random.nextLong(5_000_000, 300_000_000) : BEAT);
    }
  }

  private void connect() {
    SimulatedNode node = choose();
    Engine engine = node.engine().orElse(null);
    if (engine == null || node.host().frozen()) {
      home = null;
      return;
    }
    boolean again = node.equals(home) && session != null;
    WorkerHello.Resume resume =
        again && session != null
            ? new WorkerHello.Resume(session, List.copyOf(held.keySet()))
            : null;
    if (!again) {
      forgetAll();
    }
    home = node;
    Link fresh = new Link(world, node, this);
    link = fresh;
    welcomed = false;
    fresh.connect(engine, new WorkerHello(name, world.functions(), credits, null, resume));
  }

  private SimulatedNode choose() {
    SimulatedNode last = home;
    return last != null && random.nextInt(10) > 0 ? last : world.anyNode();
  }

  void kill() {
    host.kill();
    if (link != null) {
      link.workerDied();
    }
  }

  private void forgetAll() {
    stopped.addAll(held.keySet());
    held.clear();
    steps.forget(lease -> true);
  }

  boolean holds(LeaseKey lease) {
    return held.containsKey(lease);
  }

  /// False: the handler has to stop, whoever says so.
  boolean goesOn(LeaseKey lease) {
    return holds(lease) && !stopped.contains(lease);
  }

  void report(List<ReportedStep> some) {
    if (link != null && welcomed) {
      link.record(some);
    }
  }

  void recall(LeaseKey lease, Consumer<Optional<StepPage>> answer) {
    Engine engine = link == null ? null : link.node().engine().orElse(null);
    if (link != null && engine != null && welcomed && session != null) {
      link.recall(engine, session, lease, answer);
    }
  }

  void welcome(Link from, String newSession, boolean resumed) {
    if (from.equals(link)) {
      if (!resumed) {
        forgetAll();
      }
      session = newSession;
      welcomed = true;
      List<ReportedStep> unrecorded = steps.unheard();
      if (!unrecorded.isEmpty()) {
        report(unrecorded);
      }
      List<Reported> unheard =
          held.entrySet().stream()
              .filter(e -> e.getValue().isPresent())
              .map(e -> new Reported(e.getKey(), e.getValue().orElseThrow()))
              .toList();
      if (!unheard.isEmpty()) {
        from.report(unheard);
      }
    }
  }

  void broken(Link from) {
    if (from.equals(link)) {
      link = null;
      welcomed = false;
    }
  }

  void drain(Link from) {
    if (from.equals(link)) {
      home = null;
    }
  }

  void run(Link from, Assignment run) {
    if (from.equals(link)) {
      held.put(run.lease(), Optional.empty());
      host.start("handler", () -> handle(run));
    }
  }

  private void handle(Assignment run) {
    Handler handler = Handler.draw(random, run);
    world.started(run.lease(), name);
    steps.run(run.lease(), handler.steps());
    long until = world.scheduler().now() + handler.nanos();
    while (world.scheduler().now() < until && !stopped.contains(run.lease())) {
      host.parkNanos(Math.min(50_000_000, until - world.scheduler().now()));
    }
    world.ended(run.lease(), name);
    stopped.remove(run.lease());
    if (held.containsKey(run.lease())) {
      held.put(run.lease(), Optional.of(handler.outcome()));
      if (link != null && welcomed) {
        link.report(List.of(new Reported(run.lease(), handler.outcome())));
      }
    }
  }

  void committed(List<LeaseKey> leases) {
    leases.forEach(held::remove);
  }

  void stepsCommitted(List<StepKey> some) {
    steps.committed(some);
  }

  /// Most handlers stop when they are told to.
  void cancel(LeaseKey lease) {
    if (held.containsKey(lease) && random.nextInt(4) > 0) {
      stopped.add(lease);
    }
  }

  void leaseLost(List<LeaseKey> leases) {
    for (LeaseKey lease : leases) {
      if (held.remove(lease) != null) {
        stopped.add(lease);
      }
    }
    steps.forget(leases::contains);
  }
}
