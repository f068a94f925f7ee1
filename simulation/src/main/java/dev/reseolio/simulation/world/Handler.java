package dev.reseolio.simulation.world;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/// What a handler does: its steps, how long it takes after them, and what becomes of it.
record Handler(int steps, long nanos, Outcome outcome) {
  private static final long MILLI = 1_000_000;

  static Handler draw(RandomGenerator random, Assignment run) {
    return new Handler(steps(run), duration(random), outcome(random, run));
  }

  /// Every execution of a job has the same steps.
  private static int steps(Assignment run) {
    return Math.floorMod(run.lease().job().hashCode(), 3);
  }

  private static long duration(RandomGenerator random) {
    return switch (random.nextInt(20)) {
      case 0 -> random.nextLong(2_000 * MILLI, 12_000 * MILLI);
      case 1 -> 60_000 * MILLI;
      case 2, 3, 4 -> random.nextLong(50 * MILLI, 2_000 * MILLI);
      default -> random.nextLong(MILLI / 10, 40 * MILLI);
    };
  }

  /// The result names its execution, so that two can be told apart.
  private static Outcome outcome(RandomGenerator random, Assignment run) {
    return switch (random.nextInt(10)) {
      case 0 -> new Outcome.Failed(JobError.of("Boom", "it broke"), true, null);
      case 1 ->
          random.nextInt(3) == 0
              ? new Outcome.Failed(JobError.of("Fatal", "it broke for good"), false, null)
              : new Outcome.Released();
      default -> {
        String result = run.lease().attempt() + "/" + run.lease().token();
        yield new Outcome.Succeeded(new Payload(result.getBytes(StandardCharsets.UTF_8), null));
      }
    };
  }
}
