package dev.reseolio.simulation;

import dev.reseolio.simulation.world.Run;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Many runs, one after the other, until one fails or the time is over.
public final class Campaign {
  private final RandomGenerator seeds;
  private long runs;
  private long simulatedNanos;
  private long accepted;
  private long fenced;
  private long tookNanos;

  public Campaign(RandomGenerator seeds) {
    this.seeds = seeds;
  }

  /// The first run that failed; empty: all held.
  public Optional<Run> run(Duration time) {
    long begun = System.nanoTime();
    do {
      Run run = Run.of(seeds.nextLong() >>> 1);
      runs++;
      simulatedNanos += run.nanos();
      accepted += run.accepted();
      fenced += run.fenced();
      tookNanos = System.nanoTime() - begun;
      if (!run.broken().isEmpty()) {
        return Optional.of(run);
      }
    } while (tookNanos < time.toNanos());
    return Optional.empty();
  }

  public long runs() {
    return runs;
  }

  public long fenced() {
    return fenced;
  }

  @Override
  public String toString() {
    return "%d seeds (%.0f a minute), %.1f simulated hours, %d jobs accepted, %d nodes fenced"
        .formatted(runs, runs * 60e9 / tookNanos, simulatedNanos / 3.6e12, accepted, fenced);
  }
}
