package dev.reseolio.engine.job;

import java.time.Duration;

/// How a job's executions are judged.
///
/// @param maxAttempts failed executions after which the job is dead, 1 to 10000
/// @param timeout time one execution may take, 1 ms to 365 days
public record RunPolicy(int maxAttempts, Backoff backoff, Duration timeout) {
  public static final RunPolicy DEFAULT = new RunPolicy(3, Backoff.DEFAULT, Duration.ofSeconds(30));

  public RunPolicy {
    if (maxAttempts < 1 || maxAttempts > 10_000) {
      throw EngineException.invalid(
          "max_attempts", "max_attempts must be 1 to 10000, but is " + maxAttempts);
    }
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Backoff.LIMIT) > 0) {
      throw EngineException.invalid(
          "timeout", "timeout must be 1 ms to 365 days, but is " + timeout);
    }
  }
}
