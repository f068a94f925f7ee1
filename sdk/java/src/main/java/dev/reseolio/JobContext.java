package dev.reseolio;

import dev.reseolio.internal.worker.Ambient;
import java.time.Instant;
import java.util.Optional;

/// The attempt the current thread runs, for handlers: `JobContext.current().attempt()`.
public interface JobContext {
  /// The context of the handler on this thread.
  ///
  /// @throws ReseolioException outside a handler, or on a thread the handler started itself
  static JobContext current() {
    return Ambient.current();
  }

  /// The id every attempt of this job has.
  String jobId();

  /// Name of the function.
  String function();

  /// 1 for the first execution; also counts executions lost with a worker or a node.
  int attempt();

  /// Attempts that may fail before the job is dead.
  int maxAttempts();

  /// The caller's key. Empty: none was given.
  Optional<String> idempotencyKey();

  /// When the server takes this attempt away.
  Instant deadline();

  /// True once the attempt is to stop: somebody cancelled the job, its time is up, or it runs
  /// elsewhere. The thread is interrupted at the same moment.
  boolean cancelled();
}
