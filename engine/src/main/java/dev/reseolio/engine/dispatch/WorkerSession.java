package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.flush.Dispatch;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.machine.Machine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A worker as the node sees it: the functions it offers, its free slots, the executions it holds.
/// Outlives a broken connection for the resume grace.
final class WorkerSession implements Dispatch.Seat {
  private static final System.Logger LOG = System.getLogger(WorkerSession.class.getName());
  private static final int MUCH = 256;
  private static final int TOO_MUCH = 10_000;

  private final Machine machine;
  private final String id;
  private final String workerId;
  private final @Nullable WorkerProcess process;
  private final Set<String> functionNames = ConcurrentHashMap.newKeySet();
  private final Set<Integer> functionIds = ConcurrentHashMap.newKeySet();
  private final Map<LeaseKey, Running> held = new ConcurrentHashMap<>();
  private final AtomicInteger credits;
  private final AtomicInteger free;
  private volatile long lastHeardNanos;
  private volatile long detachedNanos;
  private volatile long beatNanos;
  private volatile boolean beaten;
  private volatile boolean draining;
  private volatile boolean welcomed;
  private volatile @Nullable WorkerLink link;
  private boolean closed;
  private final List<LeaseKey> untold = new ArrayList<>();
  private final Set<StepKey> untoldSteps = new LinkedHashSet<>();

  WorkerSession(
      Machine machine,
      String id,
      String workerId,
      @Nullable WorkerProcess process,
      int credits,
      @Nullable WorkerLink link) {
    this.machine = machine;
    this.lastHeardNanos = machine.nanoTime();
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

  /// @param names what it offers, besides what it offered before
  /// @param ids their numbers
  void offer(Collection<String> names, Collection<Integer> ids) {
    functionNames.addAll(names);
    functionIds.addAll(ids);
  }

  Set<String> names() {
    return functionNames;
  }

  /// The same functions have other numbers now.
  void renumber(Collection<Integer> ids) {
    functionIds.addAll(ids);
    functionIds.retainAll(ids);
  }

  Set<Integer> offers() {
    return functionIds;
  }

  /// How many executions it could take now.
  int free() {
    return draining || !welcomed || congested() ? 0 : Math.max(0, free.get());
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
    return !draining
        && welcomed
        && functionIds.contains(functionId)
        && !congested()
        && free.getAndUpdate(n -> n > 0 ? n - 1 : n) > 0;
  }

  private boolean congested() {
    WorkerLink to = link;
    return to != null && to.congested();
  }

  void heard() {
    lastHeardNanos = machine.nanoTime();
  }

  long lastHeardNanos() {
    return lastHeardNanos;
  }

  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  Map<LeaseKey, Running> held() {
    return held;
  }

  synchronized boolean attached() {
    return link != null;
  }

  synchronized boolean attachedTo(WorkerLink some) {
    return some.equals(link);
  }

  synchronized boolean closed() {
    return closed;
  }

  /// Lets go of the connection; nothing is pushed until there is another. Returns when.
  synchronized long detach() {
    link = null;
    welcomed = false;
    beaten = false;
    untoldSteps.clear(); // The worker reports them again.
    detachedNanos = machine.nanoTime();
    return detachedNanos;
  }

  /// When the last connection was let go of.
  long detachedNanos() {
    return detachedNanos;
  }

  /// A sign of life beside the connection.
  void beat() {
    heard();
    beatNanos = lastHeardNanos;
    beaten = true;
  }

  /// True when such a sign came after the connection was let go of, and not longer ago than that.
  boolean beatenWithin(long nanos) {
    return beaten && machine.nanoTime() - beatNanos < nanos;
  }

  /// Takes a new connection; false when the session was ended meanwhile.
  synchronized boolean attach(WorkerLink fresh) {
    if (closed) {
      return false;
    }
    link = fresh;
    welcomed = false;
    heard();
    return true;
  }

  /// The worker knows its session: tells it what was committed while there was no connection. From
  /// here on it may be pushed to.
  synchronized void welcome() {
    welcomed = link != null;
    tellCommitted();
  }

  /// Tells what the worker has yet to hear of commits, if it can hear it.
  synchronized void tellCommitted() {
    if (!untold.isEmpty() && tell(to -> to.committed(List.copyOf(untold)))) {
      untold.clear();
    }
  }

  /// True when the worker has yet to hear that this outcome is committed.
  synchronized boolean owes(LeaseKey lease) {
    return untold.contains(lease);
  }

  /// Ends the session; false when it was ended before.
  synchronized boolean close(String reason) {
    if (closed) {
      return false;
    }
    closed = true;
    tellCommitted();
    untoldSteps.clear();
    if (link != null) {
      link.close(reason);
      link = null;
    }
    return true;
  }

  /// These outcomes are committed. The worker hears it with its next runs, at [#tellCommitted], or
  /// now when there is much to forget.
  synchronized void committed(List<LeaseKey> leases) {
    if (!closed) {
      untold.addAll(leases);
    }
    if (untold.size() >= MUCH) {
      tellCommitted();
    }
  }

  /// These steps are committed; the worker hears it from [#tellSteps].
  synchronized void stepsCommitted(List<StepKey> steps) {
    if (link != null) {
      untoldSteps.addAll(steps);
    }
  }

  /// Tells which steps are committed, if the worker reads. False: it has yet to hear of some.
  synchronized boolean tellSteps() {
    if (!untoldSteps.isEmpty()
        && !congested()
        && tell(to -> to.stepsCommitted(List.copyOf(untoldSteps)))) {
      untoldSteps.clear();
    }
    return untoldSteps.isEmpty();
  }

  /// @throws EngineException with OVERLOADED when very much waits to be told to the worker
  synchronized void checkReads() {
    if (untoldSteps.size() > TOO_MUCH) {
      throw new EngineException(
          Reason.OVERLOADED,
          "the worker does not read which of its steps are committed; read, and connect again");
    }
  }

  /// Tells the worker that these, which it reported, are not its own. It may report any number of
  /// such, so it must read what it is told of them.
  void refuse(List<LeaseKey> leases) {
    if (congested()) {
      throw new EngineException(
          Reason.OVERLOADED,
          "the worker reports executions that are not its own, and what it is told of them is not read, or there is no room for it; read, and connect again");
    }
    tell(to -> to.leaseLost(leases));
  }

  /// Pushes executions. False: there is nobody to push to at this moment.
  synchronized boolean run(List<WorkerLink.Assignment> runs) {
    boolean pushed = tell(to -> to.run(runs));
    tellCommitted();
    return pushed;
  }

  /// False: there is nobody to tell at this moment. A connection that fails is not used again.
  synchronized boolean tell(Consumer<WorkerLink> message) {
    WorkerLink to = link;
    if (to == null || !welcomed) {
      return false;
    }
    try {
      message.accept(to);
      return true;
    } catch (RuntimeException failed) {
      LOG.log(
          System.Logger.Level.WARNING,
          "worker {0} cannot be told anything over its connection, which ends: {1}",
          workerId,
          failed);
      welcomed = false;
      to.close("its connection failed");
      return false;
    }
  }
}
