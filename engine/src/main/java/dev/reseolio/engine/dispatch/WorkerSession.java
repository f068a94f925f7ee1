package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.flush.Dispatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A worker as the node sees it: the functions it offers, its free slots, the executions it holds.
/// Outlives a broken connection for the resume grace.
final class WorkerSession implements Dispatch.Seat {
  private final String id;
  private final String workerId;
  private final @Nullable WorkerProcess process;
  private final Set<Integer> functionIds = ConcurrentHashMap.newKeySet();
  private final Map<LeaseKey, Running> held = new ConcurrentHashMap<>();
  private final AtomicInteger credits;
  private final AtomicInteger free;
  private volatile long lastHeardNanos = System.nanoTime();
  private volatile boolean draining;
  private volatile boolean attached = true;
  private @Nullable WorkerLink link;
  private boolean closed;
  private int gaps;
  private final List<LeaseKey> untold = new ArrayList<>();

  WorkerSession(
      String id,
      String workerId,
      @Nullable WorkerProcess process,
      int credits,
      @Nullable WorkerLink link) {
    this.id = id;
    this.workerId = workerId;
    this.process = process;
    this.credits = new AtomicInteger(credits);
    this.free = new AtomicInteger(credits);
    this.link = link;
  }

  String id() {
    return id;
  }

  String workerId() {
    return workerId;
  }

  @Nullable WorkerProcess process() {
    return process;
  }

  void offer(Collection<Integer> functions) {
    functionIds.addAll(functions);
  }

  Set<Integer> offers() {
    return functionIds;
  }

  /// Nothing is pushed to a worker that shuts down or is not connected.
  private boolean open() {
    return attached && !draining;
  }

  /// How many executions it could take now.
  int free() {
    return open() ? Math.max(0, free.get()) : 0;
  }

  /// Gives back or takes slots that executions use.
  void credit(int delta) {
    free.addAndGet(delta);
  }

  /// The worker will hold more, or fewer, at once.
  void resize(int delta) {
    credits.addAndGet(delta);
    free.addAndGet(delta);
  }

  /// All slots, used or not.
  int credits() {
    return credits.get();
  }

  /// Every execution is void.
  void restoreCredits() {
    free.set(credits.get());
  }

  /// Takes one free slot for a function; false: none, or it does not offer the function.
  boolean take(int functionId) {
    if (!open() || !functionIds.contains(functionId)) {
      return false;
    }
    if (free.getAndUpdate(n -> n > 0 ? n - 1 : n) > 0) {
      return true;
    }
    return false;
  }

  void heard() {
    lastHeardNanos = System.nanoTime();
  }

  long lastHeardNanos() {
    return lastHeardNanos;
  }

  void drain() {
    draining = true;
  }

  Map<LeaseKey, Running> held() {
    return held;
  }

  synchronized boolean attachedTo(WorkerLink some) {
    return some.equals(link);
  }

  synchronized boolean closed() {
    return closed;
  }

  /// The connection broke. Returns the number of this gap.
  synchronized int detach() {
    attached = false;
    link = null;
    return ++gaps;
  }

  /// True while that gap lasts.
  synchronized boolean inGap(int gap) {
    return !attached && !closed && gaps == gap;
  }

  /// Takes a new connection, and tells it what was committed while there was none; false when the
  /// session has ended.
  synchronized boolean attach(WorkerLink fresh) {
    if (closed) {
      return false;
    }
    link = fresh;
    attached = true;
    heard();
    if (!untold.isEmpty()) {
      fresh.committed(List.copyOf(untold));
      untold.clear();
    }
    return true;
  }

  /// Ends the session; false when it was ended before.
  synchronized boolean close(String reason) {
    if (closed) {
      return false;
    }
    closed = true;
    attached = false;
    if (link != null) {
      link.close(reason);
      link = null;
    }
    return true;
  }

  synchronized void committed(List<LeaseKey> leases) {
    if (link != null) {
      link.committed(leases);
    } else if (!closed) {
      untold.addAll(leases);
    }
  }

  synchronized void tell(java.util.function.Consumer<WorkerLink> message) {
    if (link != null) {
      message.accept(link);
    }
  }
}
