package dev.reseolio.bench.hot;

import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.job.Lifecycle.Situation;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Ids and decisions: once per job each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class HotPath {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final SecureRandom random = new SecureRandom();
  private final Ids ids = new Ids(random);
  private final Lifecycle lifecycle = new Lifecycle(5, random);
  private final Situation running = new Situation(Progress.FIRST, RunPolicy.DEFAULT, null, false);
  private final Outcome succeeded = new Outcome.Succeeded(Payload.EMPTY);
  private final Outcome failed = new Outcome.Failed(JobError.of("Error", "no"), true, null);

  @Benchmark
  public UUID id() {
    return ids.next(Instant.now());
  }

  @Benchmark
  public Decision decideSuccess() {
    return lifecycle.decide(running, succeeded, NOW);
  }

  @Benchmark
  public Decision decideRetry() {
    return lifecycle.decide(running, failed, NOW);
  }
}
