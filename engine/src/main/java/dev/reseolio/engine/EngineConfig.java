package dev.reseolio.engine;

import java.time.Duration;

/// How an engine behaves. Every field has its default in [#DEFAULT].
///
/// @param nodeName shown to people, e.g. the host name and process id
/// @param version shown to people
/// @param crashBudget lost workers and nodes one job may survive
/// @param retention how long finished jobs are kept
/// @param limits bounds on what is held in memory
/// @param timing how often and how long
public record EngineConfig(
    String nodeName,
    String version,
    int crashBudget,
    Duration retention,
    Limits limits,
    Timing timing) {
  public static final EngineConfig DEFAULT =
      new EngineConfig(
          "node",
          "dev",
          5,
          Duration.ofDays(7),
          new Limits(4 << 20, 20_000, 16 << 20),
          new Timing(
              Duration.ofSeconds(15),
              Duration.ofSeconds(5),
              Duration.ofSeconds(2),
              Duration.ofSeconds(1),
              Duration.ofSeconds(30)));

  /// @param payloadBytes largest argument or result
  /// @param queuedJobs enqueued jobs waiting for their commit
  /// @param queuedBytes bytes of their arguments
  public record Limits(int payloadBytes, int queuedJobs, int queuedBytes) {}

  /// @param deadAfter a node whose beat stands still this long is taken over
  /// @param beatInterval of workers; three missed beats and a worker is lost
  /// @param resumeGrace how long a broken worker stream may be resumed
  /// @param cancelGrace how long a handler may take to stop after it was told to
  /// @param enqueueTimeout how long an enqueue waits for the database
  public record Timing(
      Duration deadAfter,
      Duration beatInterval,
      Duration resumeGrace,
      Duration cancelGrace,
      Duration enqueueTimeout) {}

  public EngineConfig named(String name, String ofVersion) {
    return new EngineConfig(name, ofVersion, crashBudget, retention, limits, timing);
  }
}
