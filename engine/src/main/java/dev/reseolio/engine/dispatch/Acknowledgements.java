package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.machine.Machine;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Tells workers which of their outcomes are committed. No caller waits for that, so it goes along
/// with the next runs; here it is told to those that get none for a moment. Handlers do wait for
/// their steps: those are told at once, and here to workers that did not read at that moment, again
/// and again until they do.
final class Acknowledgements {
  private static final long MOMENT_NANOS = 10_000_000;

  private final Set<WorkerSession> owing = ConcurrentHashMap.newKeySet();
  private final Machine machine;
  private final Thread thread;
  private volatile boolean stopping;

  Acknowledgements(Machine machine) {
    this.machine = machine;
    thread = machine.virtualThread("reseolio-acknowledgements", this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /// This worker has something to hear.
  void owe(WorkerSession session) {
    if (owing.add(session)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!stopping) {
      if (owing.isEmpty()) {
        LockSupport.park(this);
      } else {
        machine.parkNanos(MOMENT_NANOS);
        tell();
      }
    }
  }

  /// Off the list first: what a session comes to owe while it is told puts it there again, for the
  /// next time.
  private void tell() {
    for (WorkerSession session : List.copyOf(owing)) {
      owing.remove(session);
      session.tellCommitted();
      if (!session.tellSteps()) {
        owing.add(session);
      }
    }
  }
}
