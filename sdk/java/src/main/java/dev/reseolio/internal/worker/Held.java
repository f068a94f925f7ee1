package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.Lease;
import dev.reseolio.proto.v1.StepKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// The attempts this worker holds: those whose handler runs, and those whose outcome is not
/// committed yet.
final class Held {
  private final Map<LeaseKey, Attempt> attempts = new ConcurrentHashMap<>();
  private final AtomicInteger unfinished = new AtomicInteger();
  private volatile boolean watched;

  /// False when the same lease is held already.
  boolean add(Attempt attempt) {
    unfinished.incrementAndGet();
    if (attempts.putIfAbsent(attempt.key(), attempt) == null) {
      return true;
    }
    finished();
    return false;
  }

  /// A handler ended; its attempt stays until it is committed.
  void finished() {
    unfinished.decrementAndGet();
    signal();
  }

  /// Handlers that run or are about to.
  int unfinished() {
    return unfinished.get();
  }

  void committed(List<Lease> leases) {
    for (Lease lease : leases) {
      attempts.remove(LeaseKey.of(lease));
    }
    signal();
  }

  void recorded(List<StepKey> steps) {
    for (StepKey step : steps) {
      Attempt attempt = attempts.get(LeaseKey.of(step.getLease()));
      if (attempt != null) {
        attempt.recorded(step.getKey());
      }
    }
  }

  void lost(List<Lease> leases) {
    for (Lease lease : leases) {
      Attempt attempt = attempts.remove(LeaseKey.of(lease));
      if (attempt != null) {
        attempt.stop(Stop.LOST);
      }
    }
    signal();
  }

  /// The session is gone with all its leases.
  void lostAll() {
    lost(leases());
  }

  void stop(Lease lease, Stop reason) {
    Attempt attempt = attempts.get(LeaseKey.of(lease));
    if (attempt != null) {
      attempt.stop(reason);
    }
  }

  void stopAll(Stop reason) {
    attempts.values().forEach(attempt -> attempt.stop(reason));
  }

  Collection<Attempt> all() {
    return attempts.values();
  }

  List<Lease> leases() {
    List<Lease> leases = new ArrayList<>();
    attempts.values().forEach(attempt -> leases.add(attempt.run().getLease()));
    return leases;
  }

  boolean awaitHandlers(long nanos) throws InterruptedException {
    return await(() -> unfinished.get() == 0, nanos);
  }

  boolean awaitCommitted(long nanos) throws InterruptedException {
    return await(attempts::isEmpty, nanos);
  }

  private synchronized boolean await(BooleanSupplier done, long nanos) throws InterruptedException {
    watched = true;
    long giveUp = System.nanoTime() + nanos;
    while (!done.getAsBoolean()) {
      long left = giveUp - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  private void signal() {
    if (watched) {
      synchronized (this) {
        notifyAll();
      }
    }
  }
}
