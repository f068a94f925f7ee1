package dev.reseolio.engine.job;

/// How far a job has come.
///
/// @param attempt number of the current or next execution, from 1; grows with every execution and
///   is never reused
/// @param failures executions charged to `maxAttempts` in this round
/// @param crashes executions charged to the crash budget in this round
public record Progress(int attempt, int failures, int crashes) {
  public static final Progress FIRST = new Progress(1, 0, 0);

  public Progress failed() {
    return new Progress(attempt, failures + 1, crashes);
  }

  public Progress crashed() {
    return new Progress(attempt, failures, crashes + 1);
  }

  /// The execution after this one.
  public Progress next() {
    return new Progress(attempt + 1, failures, crashes);
  }
}
