package dev.reseolio.simulation.world;

import dev.reseolio.checker.Checker;
import dev.reseolio.checker.Event;
import dev.reseolio.checker.Gates;
import dev.reseolio.checker.History;
import dev.reseolio.checker.Invariant;
import dev.reseolio.checker.Report;
import dev.reseolio.simulation.machine.Scheduler;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// One simulated run from its seed to the verdict.
///
/// @param shape size and faults
/// @param accepted calls that were told their job exists
/// @param fenced nodes
/// @param fingerprint of the history
/// @param broken what must hold and did not
/// @param events the history
public record Run(
    long seed,
    String shape,
    long nanos,
    long steps,
    long accepted,
    long fenced,
    String fingerprint,
    List<String> broken,
    List<Event> events) {
  private static final long SECOND = 1_000_000_000;
  private static final long FAULTS = 25 * SECOND;
  private static final long PATIENCE = 240 * SECOND;

  /// What a failover to an older state may break: it takes back what others were told already. That
  /// everything ends is not asked of it either; see docs/decisions.md.
  private static final Set<Invariant> NOT_AFTER_FAILOVER =
      EnumSet.of(
          Invariant.ONE_EXECUTION,
          Invariant.ONE_END,
          Invariant.ONE_PLACE,
          Invariant.ONE_LEASE,
          Invariant.ONE_JOB_PER_KEY);

  public static Run of(long seed) {
    Scheduler scheduler = new Scheduler(seed);
    EngineLog.listen(scheduler);
    Swarm swarm = Swarm.draw(scheduler.split());
    World world = new World(scheduler, swarm);
    Nemesis nemesis = new Nemesis(world, swarm);
    List<String> broken = new ArrayList<>();
    try {
      world.start(swarm);
      nemesis.start();
      until(scheduler, world, FAULTS);
      nemesis.heal();
      scheduler.runUntil(scheduler.now() + SECOND);
      until(scheduler, world, scheduler.now() + (world.failedOver() ? PATIENCE / 4 : PATIENCE));
      judge(world, swarm, broken);
    } catch (AssertionError failure) {
      broken.add(text(failure));
    }
    return new Run(
        seed,
        swarm.toString(),
        scheduler.now(),
        scheduler.steps(),
        count(world, Event.Accepted.class),
        count(world, Event.Fenced.class),
        world.log().fingerprint(),
        broken,
        world.log().events());
  }

  private static String text(AssertionError failure) {
    var text = new java.io.StringWriter();
    failure.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }

  private static void until(Scheduler scheduler, World world, long limit) {
    while (!world.finished() && scheduler.now() < limit) {
      scheduler.runUntil(Math.min(limit, scheduler.now() + SECOND / 4));
    }
  }

  private static long count(World world, Class<? extends Event> kind) {
    return world.log().events().stream().filter(kind::isInstance).count();
  }

  private static void judge(World world, Swarm swarm, List<String> broken) {
    boolean failedOver = world.failedOver();
    var rules = new History.Rules(SimulatedNode.CRASH_BUDGET, !failedOver);
    Report report = Checker.check(new History(world.log().events(), rules), Gates.NONE);
    for (Invariant invariant : Invariant.values()) {
      if (!failedOver || !NOT_AFTER_FAILOVER.contains(invariant)) {
        report.verdict().broken(invariant).forEach(w -> broken.add(invariant + ": " + w));
      }
    }
    if (!world.finished() && !failedOver) {
      broken.add("at the end: " + world.describe());
    }
    long fenced = count(world, Event.Fenced.class);
    if (fenced > 0 && swarm.faults().stream().noneMatch(Fault::deadly)) {
      broken.add("NO_FALSE_TAKEOVER: " + fenced + " healthy nodes were fenced");
    }
  }
}
