package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.engine.dispatch.WorkerLink.CancelReason;
import dev.reseolio.engine.flush.Flusher;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Every lease this node holds, from the commit that gave it to the commit that ends it.
public final class Executions {
  private static final System.Logger LOG = System.getLogger(Executions.class.getName());

  /// Executions that run longer get a row in `lease`, so that the low id moves on.
  private static final Duration SPILL_AFTER = Duration.ofSeconds(5);

  private static final Outcome UNRECORDABLE =
      new Outcome.Failed(
          JobError.of(
              "OutcomeRefused",
              "the database refused what the worker reported; the sidecar's log says why"),
          true,
          null);

  private final Map<UUID, Running> running = new ConcurrentHashMap<>();
  private final ConcurrentSkipListSet<UUID> implicit = new ConcurrentSkipListSet<>();
  private final Machine machine;
  private final AtomicLong tokens;
  private final WorkerSession nobody;
  private final Counters counters = new Counters();
  private final Lifecycle lifecycle;
  private final InstantSource clock;
  private final Jobs jobs;
  private final Duration cancelGrace;
  private final Deadlines deadlines;
  private final Acknowledgements acknowledgements;
  private volatile Instant gathering;
  private volatile @Nullable Flusher flusher;
  private volatile Consumer<List<JobEnd>> finished = ends -> {};
  private volatile @Nullable Bell bell;

  Executions(
      Machine machine, Lifecycle lifecycle, InstantSource clock, Jobs jobs, Duration cancelGrace) {
    this.machine = machine;
    this.tokens = new AtomicLong(machine.random().nextLong());
    this.nobody = nobody(machine);
    this.deadlines = new Deadlines(machine, this);
    this.acknowledgements = new Acknowledgements(machine);
    this.lifecycle = lifecycle;
    this.clock = clock;
    this.gathering = clock.instant();
    this.jobs = jobs;
    this.cancelGrace = cancelGrace;
  }

  /// Holder of leases that no worker of this node can run.
  private static WorkerSession nobody(Machine machine) {
    WorkerSession nobody = new WorkerSession(machine, "", "", null, 0, null);
    nobody.close("");
    return nobody;
  }

  /// Closes the circle of the engine's parts.
  void connect(Flusher writer, Bell doorbell, Consumer<List<JobEnd>> onFinished) {
    flusher = writer;
    bell = doorbell;
    finished = onFinished;
    deadlines.start();
    acknowledgements.start();
  }

  public Counters counters() {
    return counters;
  }

  public int size() {
    return running.size();
  }

  public boolean holds(UUID job) {
    return running.containsKey(job);
  }

  boolean holds(UUID job, int attempt) {
    Running one = running.get(job);
    return one != null && one.lease().attempt() == attempt;
  }

  /// True when no lease and no reservation is left.
  boolean idle() {
    return running.isEmpty() && implicit.isEmpty();
  }

  Collection<Running> all() {
    return running.values();
  }

  void gathering(Instant now) {
    gathering = now;
  }

  void hold(UUID id) {
    implicit.add(id);
  }

  void letGo(UUID id) {
    implicit.remove(id);
  }

  /// No unfinished job that this node holds without a row in `lease` has a smaller id, now or
  /// later. The moment is read first: ids made since are held from before they are sent, and are
  /// not older.
  public UUID lowId() {
    UUID floor = Ids.floor(gathering);
    UUID first = implicit.isEmpty() ? floor : firstOr(floor);
    return first.compareTo(floor) < 0 ? first : floor;
  }

  private UUID firstOr(UUID other) {
    UUID first = implicit.ceiling(new UUID(0, Long.MIN_VALUE));
    return first == null ? other : first;
  }

  /// A lease was committed. The execution is not pushed yet.
  Running start(WorkerSession session, Claimed job, boolean explicit) {
    Instant now = clock.instant();
    long limit = limit(job, now).toNanos();
    Running started =
        new Running(
            job, session, tokens.incrementAndGet(), now, machine.nanoTime(), explicit, limit);
    running.put(job.id(), started);
    session.held().put(started.lease(), started);
    return started;
  }

  /// Compared before it is counted in nanoseconds: those of a deadline in three hundred years
  /// overflow.
  private static Duration limit(Claimed job, Instant now) {
    Duration timeout = job.policy().timeout();
    Instant deadline = job.deadline();
    if (deadline == null || deadline.isAfter(now.plus(timeout))) {
      return timeout;
    }
    return deadline.isAfter(now) ? Duration.between(now, deadline) : Duration.ZERO;
  }

  /// Sends started executions to their worker. What does not reach it goes back uncharged.
  void push(WorkerSession session, List<Running> some) {
    if (!pushed(session, some)) {
      finishAll(some, new Outcome.Released());
    }
  }

  /// One worker's trouble is none of the others that the same commit brings something.
  private boolean pushed(WorkerSession session, List<Running> some) {
    try {
      return session.run(assignments(some));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "jobs that cannot be pushed go back: {0}", e);
      return false;
    }
  }

  private List<Assignment> assignments(List<Running> some) {
    List<Assignment> runs = new ArrayList<>(some.size());
    long now = machine.nanoTime();
    for (Running one : some) {
      if (one.deadlineNanos() - now <= 0) {
        finish(
            one,
            overdue(one)
                ? new Outcome.DeadlineExceeded()
                : new Outcome.TimedOut(one.job().policy().timeout()));
      } else {
        deadlines.watch(one.deadlineNanos());
        runs.add(assignment(one));
      }
    }
    return runs;
  }

  private Assignment assignment(Running one) {
    long left = one.deadlineNanos() - machine.nanoTime();
    return new Assignment(
        one.lease(),
        jobs.lane(one.job().laneId()).function(),
        one.handOver(),
        clock.instant().plusNanos(left));
  }

  /// A lease nobody here can run goes back.
  void release(Claimed job) {
    Running one =
        new Running(
            job, nobody, tokens.incrementAndGet(), clock.instant(), machine.nanoTime(), true, 1);
    running.put(job.id(), one);
    finish(one, new Outcome.Released());
  }

  /// What a worker reports. Stale leases are refused, and the worker is told.
  ///
  /// @throws EngineException with OVERLOADED when it does not read what it is told
  void report(WorkerSession session, List<Reported> some) {
    List<Flush.Ending> endings = new ArrayList<>(some.size());
    List<LeaseKey> lost = new ArrayList<>(0);
    for (Reported one : some) {
      Running held = session.held().get(one.lease());
      if (held == null) {
        lost.add(one.lease());
      } else {
        finish(held, seenByServer(held, one.outcome()), endings);
      }
    }
    flusher().end(endings);
    awaitRoom(session);
    refuse(session, lost);
  }

  /// Steps that a worker's executions have finished. Those of stale leases are refused.
  ///
  /// @throws EngineException with OVERLOADED when it does not read that others are committed
  void record(WorkerSession session, List<ReportedStep> some) {
    session.checkReads();
    List<Flush.Step> steps = new ArrayList<>(some.size());
    List<LeaseKey> lost = new ArrayList<>(0);
    for (ReportedStep one : some) {
      LeaseKey lease = one.step().lease();
      if (session.held().containsKey(lease)) {
        steps.add(new Flush.Step(lease.job(), lease.attempt(), one.step().key(), one.result()));
      } else {
        lost.add(lease);
      }
    }
    flusher().record(steps);
    awaitRoom(session);
    refuse(session, lost);
  }

  private void refuse(WorkerSession session, List<LeaseKey> lost) {
    if (!lost.isEmpty()) {
      lost.forEach(l -> counters.refusedStale());
      session.refuse(lost);
    }
  }

  /// Holds back a worker whose results come faster than they are committed. It lives meanwhile:
  /// what it says is only not read.
  private void awaitRoom(WorkerSession session) {
    while (flusher().crowded()) {
      session.heard();
      machine.parkNanos(1_000_000);
    }
  }

  /// A handler that fails after it was told to stop has failed for the reason it was told.
  private static Outcome seenByServer(Running held, Outcome outcome) {
    CancelReason reason = held.stopping();
    return reason == null || outcome instanceof Outcome.Succeeded ? outcome : stopped(held, reason);
  }

  private static Outcome stopped(Running held, CancelReason reason) {
    return switch (reason) {
      case REQUESTED -> new Outcome.Cancelled();
      case TIMEOUT -> new Outcome.TimedOut(held.job().policy().timeout());
      case DEADLINE -> new Outcome.DeadlineExceeded();
    };
  }

  /// Tells a worker that resumed which of its handlers have to stop.
  void repeatStops(WorkerSession session) {
    long now = machine.nanoTime();
    for (Running one : session.held().values()) {
      CancelReason reason = one.stopping();
      if (reason != null) {
        Duration left = Duration.ofNanos(Math.max(0, one.deadlineNanos() - now));
        session.tell(link -> link.cancel(one.lease(), reason, left));
      }
    }
  }

  void finish(Running one, Outcome outcome) {
    List<Flush.Ending> endings = new ArrayList<>(1);
    finish(one, outcome, endings);
    flusher().end(endings);
  }

  void finishAll(Collection<Running> some, Outcome outcome) {
    List<Flush.Ending> endings = new ArrayList<>(some.size());
    some.forEach(one -> finish(one, outcome, endings));
    flusher().end(endings);
  }

  private void finish(Running one, Outcome outcome, List<Flush.Ending> endings) {
    Flush.Ending ending = one.end(outcome, lifecycle, clock.instant());
    if (ending != null) {
      one.session().credit(1);
      endings.add(ending);
    }
  }

  /// Somebody asked to cancel these jobs; those that run here are told.
  public void cancelRequested(Collection<UUID> ids) {
    for (UUID id : ids) {
      Running one = running.get(id);
      if (one != null) {
        stop(one, CancelReason.REQUESTED);
      }
    }
  }

  private void stop(Running one, CancelReason reason) {
    long until = machine.nanoTime() + cancelGrace.toNanos();
    if (one.stop(reason, until)) {
      deadlines.watch(until);
      one.session().tell(link -> link.cancel(one.lease(), reason, cancelGrace));
    }
  }

  /// An execution's time is up: first it is told to stop, then its lease is taken away.
  void timeIsUp(Running one) {
    CancelReason reason = one.stopping();
    if (reason == null) {
      stop(one, overdue(one) ? CancelReason.DEADLINE : CancelReason.TIMEOUT);
    } else {
      finish(one, stopped(one, reason));
      one.session().tell(link -> link.leaseLost(List.of(one.lease())));
    }
  }

  /// True when the job's total deadline ends the execution, not its own timeout.
  private static boolean overdue(Running one) {
    Instant deadline = one.job().deadline();
    return deadline != null
        && deadline.isBefore(one.startedAt().plus(one.job().policy().timeout()));
  }

  /// Gives long runners a row in `lease`.
  public void spillLongRunners() {
    long now = machine.nanoTime();
    List<Flush.Spill> spills = new ArrayList<>();
    for (Running one : running.values()) {
      Flush.Spill spill = one.longRunning(now, SPILL_AFTER.toNanos()) ? one.spill() : null;
      if (spill != null) {
        spills.add(spill);
      }
    }
    if (!spills.isEmpty()) {
      flusher().spill(spills);
    }
  }

  void spilled(List<Flush.Spill> some) {
    some.forEach(s -> implicit.remove(s.job()));
  }

  /// Steps are in the database: the handlers that wait for it go on.
  void stepsRecorded(List<Flush.Step> steps) {
    Map<WorkerSession, List<StepKey>> acks = new LinkedHashMap<>();
    for (Flush.Step step : steps) {
      Running one = running.get(step.job());
      if (one != null) {
        acks.computeIfAbsent(one.session(), s -> new ArrayList<>())
            .add(new StepKey(one.lease(), step.key()));
      }
    }
    acks.forEach((session, told) -> {
      session.stepsCommitted(told);
      if (!session.tellSteps()) {
        acknowledgements.owe(session);
      }
    });
  }

  /// Endings are in the database: forget the leases, tell the workers, wake who waits for results.
  void recorded(List<Flush.Ending> endings) {
    Map<WorkerSession, List<LeaseKey>> acks = new LinkedHashMap<>();
    List<JobEnd> ends = new ArrayList<>(endings.size());
    List<UUID> foreign = new ArrayList<>(0);
    for (Flush.Ending ending : endings) {
      forget(ending, acks);
      counters.recorded(ending);
      if (ending.decision() instanceof Decision.Finish f) {
        ends.add(
            new JobEnd(ending.job(), f.status(), f.progress().attempt(), f.result(), f.error()));
        if (ending.explicit()) {
          foreign.add(ending.job());
        }
      }
    }
    finished.accept(ends);
    acks.forEach((session, leases) -> {
      session.committed(leases);
      acknowledgements.owe(session);
    });
    if (!foreign.isEmpty()) {
      bell().done(foreign);
    }
  }

  private void forget(Flush.Ending ending, Map<WorkerSession, List<LeaseKey>> acks) {
    implicit.remove(ending.job());
    Running one = running.remove(ending.job());
    if (one != null) {
      one.session().held().remove(one.lease());
      acks.computeIfAbsent(one.session(), s -> new ArrayList<>()).add(one.lease());
    }
  }

  /// The outcome of these executions cannot be recorded: they have failed. One whose failure is
  /// refused as well stays with this node until another takes over.
  void refused(List<Flush.Ending> endings) {
    for (Flush.Ending ending : endings) {
      Running one = running.get(ending.job());
      Flush.Ending instead =
          one == null ? null : one.overrule(UNRECORDABLE, lifecycle, clock.instant());
      if (instead != null) {
        flusher().end(List.of(instead));
      }
    }
  }

  /// These steps cannot be recorded: their executions have failed.
  void refusedSteps(List<Flush.Step> steps) {
    for (Flush.Step step : steps) {
      Running one = running.get(step.job());
      if (one != null) {
        finish(one, UNRECORDABLE);
        one.session().tell(link -> link.leaseLost(List.of(one.lease())));
      }
    }
  }

  /// This incarnation was fenced: other nodes run these jobs now.
  void loseAll() {
    Map<WorkerSession, List<LeaseKey>> lost = new LinkedHashMap<>();
    for (Running one : List.copyOf(running.values())) {
      one.end(new Outcome.Released(), lifecycle, clock.instant());
      running.remove(one.job().id());
      one.session().held().remove(one.lease());
      lost.computeIfAbsent(one.session(), s -> new ArrayList<>()).add(one.lease());
    }
    implicit.clear();
    lost.forEach((session, leases) -> session.tell(link -> link.leaseLost(leases)));
  }

  void stopWatching() {
    deadlines.stop();
    acknowledgements.stop();
  }

  private Flusher flusher() {
    return Objects.requireNonNull(flusher);
  }

  private Bell bell() {
    return Objects.requireNonNull(bell);
  }
}
