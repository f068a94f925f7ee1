package dev.reseolio.internal.worker;

import dev.reseolio.JobContext;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.wire.Times;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Run;
import dev.reseolio.proto.v1.Step;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One attempt this worker holds, from the server's Run until its Committed (or LeaseLost).
final class Attempt implements JobContext {
  private final Run run;
  private final LeaseKey key;
  private @Nullable Thread thread;
  private volatile @Nullable Stop stop;
  private volatile @Nullable Step unrecorded;
  private volatile @Nullable Outcome outcome;

  Attempt(Run run) {
    this.run = run;
    this.key = LeaseKey.of(run.getLease());
  }

  Run run() {
    return run;
  }

  LeaseKey key() {
    return key;
  }

  /// True when the handler is to be run, by this thread, which may be interrupted from now on.
  synchronized boolean begin() {
    if (stop != null) {
      return false;
    }
    thread = Thread.currentThread();
    return true;
  }

  /// The handler is over: no more interrupts, and none left behind.
  synchronized void end() {
    thread = null;
    Thread.interrupted();
  }

  /// Interrupts the handler, or keeps it from starting. The first reason counts, but being lost
  /// counts more than any.
  synchronized void stop(Stop reason) {
    if (stop == null || reason == Stop.LOST) {
      stop = reason;
    }
    if (thread != null) {
      thread.interrupt();
    }
  }

  @Nullable Stop stopped() {
    return stop;
  }

  boolean isLost() {
    return stop == Stop.LOST;
  }

  /// For the handler's thread, which stays interrupted.
  void throwIfStopped() {
    Stop why = stop;
    if (why == null && !Thread.currentThread().isInterrupted()) {
      return;
    }
    Thread.currentThread().interrupt();
    throw new ReseolioException(
        "interrupted",
        why == null
            ? "The step does not go on: its thread was interrupted"
            : "The step does not go on: the attempt is to stop ("
                + why.name().toLowerCase(Locale.ROOT)
                + ")");
  }

  void finishStep(Step finished) {
    unrecorded = finished;
  }

  /// The finished step that is not committed yet.
  @Nullable Step unrecorded() {
    return unrecorded;
  }

  synchronized void recorded(String stepKey) {
    Step waiting = unrecorded;
    if (waiting != null && waiting.getKey().equals(stepKey)) {
      unrecorded = null;
      LockSupport.unpark(thread);
    }
  }

  /// Returns, to the handler's thread, when its step is committed.
  void awaitRecorded() {
    while (unrecorded != null) {
      throwIfStopped();
      LockSupport.park(this);
    }
  }

  void finish(Outcome end) {
    outcome = end;
  }

  /// Null while the handler runs.
  @Nullable Outcome outcome() {
    return outcome;
  }

  @Override
  public String jobId() {
    return key.jobId();
  }

  @Override
  public String function() {
    return run.getFunction();
  }

  @Override
  public int attempt() {
    return key.attempt();
  }

  @Override
  public int maxAttempts() {
    return run.getMaxAttempts();
  }

  @Override
  public Optional<String> idempotencyKey() {
    return run.getIdempotencyKey().isEmpty()
        ? Optional.empty()
        : Optional.of(run.getIdempotencyKey());
  }

  @Override
  public Instant deadline() {
    return Times.fromProto(run.getAttemptDeadline());
  }

  @Override
  public boolean cancelled() {
    return stop != null;
  }
}
