package dev.reseolio.simulation.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.ReportedStep;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.RecordedStep;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The steps of the handlers of one worker process, as an SDK does them: what was recorded is
/// given, anything else is done, reported until it is acknowledged, and then given.
final class SimulatedSteps {
  private static final long LOOK = 2_000_000;
  private static final long ASK_AGAIN = 200_000_000;

  private final World world;
  private final SimulatedWorker worker;
  private final RandomGenerator random;
  private final Map<StepKey, Payload> unheard = new LinkedHashMap<>();

  SimulatedSteps(World world, SimulatedWorker worker, RandomGenerator random) {
    this.world = world;
    this.worker = worker;
    this.random = random;
  }

  /// What the server has yet to acknowledge.
  List<ReportedStep> unheard() {
    return unheard.entrySet().stream()
        .map(e -> new ReportedStep(e.getKey(), e.getValue()))
        .toList();
  }

  void committed(List<StepKey> steps) {
    steps.forEach(unheard::remove);
  }

  void forget(Predicate<LeaseKey> lost) {
    unheard.keySet().removeIf(step -> lost.test(step.lease()));
  }

  /// Does some steps, one after the other. Ends early when the lease is lost or the handler is to
  /// stop.
  void run(LeaseKey lease, int steps) {
    Map<String, String> recorded = steps == 0 ? Map.of() : recall(lease);
    for (int i = 0; recorded != null && i < steps; i++) {
      StepKey step = new StepKey(lease, "s" + i);
      String known = recorded.get(step.key());
      if (known != null) {
        world.stepGiven(step, known);
      } else if (!record(step)) {
        return;
      }
    }
  }

  private static final class Answer {
    boolean lost;
    @Nullable Map<String, String> steps;
  }

  /// Null when there is nobody to go on for.
  private @Nullable Map<String, String> recall(LeaseKey lease) {
    Answer answer = new Answer();
    if (lease.attempt() == 1) {
      answer.steps = Map.of();
    }
    long asked = world.scheduler().now() - ASK_AGAIN;
    while (answer.steps == null && !answer.lost && worker.goesOn(lease)) {
      if (world.scheduler().now() - asked >= ASK_AGAIN) {
        asked = world.scheduler().now();
        worker.recall(
            lease,
            page -> {
              answer.lost = page.isEmpty();
              page.ifPresent(some -> answer.steps = values(some.steps()));
            });
      }
      worker.host().parkNanos(LOOK);
    }
    return answer.steps;
  }

  private static Map<String, String> values(List<RecordedStep> steps) {
    Map<String, String> values = new HashMap<>();
    steps.forEach(step -> values.put(step.key(), new String(step.result().data(), UTF_8)));
    return values;
  }

  /// The value names the execution that made it, so that two can be told apart.
  private boolean record(StepKey step) {
    world.stepStarted(step);
    worker.host().sleep(random.nextLong(100_000, 20_000_000));
    String value = step.lease().attempt() + "/" + step.lease().token();
    if (!worker.goesOn(step.lease())) {
      return false;
    }
    Payload result = new Payload(value.getBytes(UTF_8), null);
    unheard.put(step, result);
    worker.report(List.of(new ReportedStep(step, result)));
    while (unheard.containsKey(step) && worker.goesOn(step.lease())) {
      worker.host().parkNanos(LOOK);
    }
    boolean committed = !unheard.containsKey(step) && worker.holds(step.lease());
    if (committed) {
      world.stepGiven(step, value);
    }
    return committed;
  }
}
