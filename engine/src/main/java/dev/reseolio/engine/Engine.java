package dev.reseolio.engine;

import dev.reseolio.engine.cluster.DatabaseClock;
import dev.reseolio.engine.cluster.Doorbells;
import dev.reseolio.engine.cluster.Ears;
import dev.reseolio.engine.cluster.Membership;
import dev.reseolio.engine.cluster.Watch;
import dev.reseolio.engine.dispatch.Counters;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Sessions;
import dev.reseolio.engine.dispatch.Sessions.Attached;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerLink;
import dev.reseolio.engine.dispatch.Workers;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.flush.Source;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.machine.RealMachine;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.Nodes.Ring;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.watch.ResultListener;
import dev.reseolio.engine.watch.Results;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// The façade: everything an edge may ask of a node. Calls that reach the database block; run them
/// on virtual threads. Expected failures are [EngineException]s.
public final class Engine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  private final Machine machine;
  private final EngineConfig config;
  private final Store store;
  private final DatabaseClock clock;
  private final Membership membership;
  private final Watch watch;
  private final Doorbells doorbells;
  private final Ears ears;
  private final Results results;
  private final Workers workers;
  private final Upkeep upkeep;
  private final Admission admission;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean draining;

  private Engine(EngineConfig config, Store store, Machine machine) {
    this.machine = machine;
    this.config = config;
    this.store = store;
    EngineConfig.Timing timing = config.timing();
    var nodes = store.nodes();
    admission = new Admission(machine, config.limits());
    membership = new Membership(machine, nodes, config.nodeName(), config.version());
    clock = new DatabaseClock(machine, store::now);
    watch =
        new Watch(
            machine, nodes, membership, config.crashBudget(), timing.deadAfter(), this::tookOver);
    doorbells = new Doorbells(machine, nodes, this::alone, this::due);
    results = new Results(machine, store.jobs(), this::runsHere);
    workers =
        new Workers(
            new Workers.Ground(machine, store.jobs(), store.backlog(), store.openWriter(), clock),
            membership,
            doorbells,
            config.crashBudget(),
            new Workers.Patience(timing.beatInterval(), timing.resumeGrace(), timing.cancelGrace()),
            results::announce);
    ears = new Ears(machine, nodes, membership, this::heard, watch::distrust);
    upkeep =
        new Upkeep(config, store, machine, membership, watch, workers, results, doorbells, clock);
  }

  /// Registers a node and starts working. The store is the engine's from here on.
  public static Engine start(EngineConfig config, Store store) {
    return start(config, store, RealMachine.INSTANCE);
  }

  /// The same on another machine than the one the process runs on.
  public static Engine start(EngineConfig config, Store store, Machine machine) {
    Engine engine = new Engine(config, store, machine);
    engine.workers.flusher().start();
    engine.results.start();
    engine.doorbells.start();
    engine.ears.start();
    engine.upkeep.start();
    LOG.log(System.Logger.Level.INFO, "node " + engine.node() + " is up");
    return engine;
  }

  private boolean runsHere(UUID job) {
    return workers.executions().holds(job);
  }

  private boolean alone() {
    return watch.peers() == 0;
  }

  /// Jobs of a dead node wait now, for whoever can run them.
  private void tookOver() {
    doorbells.anywhere();
    workers.look();
  }

  private void due(Instant at) {
    upkeep.dueAt(at);
  }

  private void heard(Ring ring) {
    switch (ring) {
      case Ring.Ready r -> upkeep.inBackground(() -> workers.rung(r.laneIds()));
      case Ring.Anywhere() -> upkeep.inBackground(workers::look);
      case Ring.Done d -> results.heard(d.jobs());
      case Ring.CancelRequested() -> upkeep.lookForCancelRequests();
    }
  }

  /// Number of this node's incarnation.
  public int node() {
    return membership.current().id();
  }

  public EngineConfig config() {
    return config;
  }

  /// The database's time.
  public Instant now() {
    return clock.instant();
  }

  /// The same as [#enqueue(NewJob, Source, Duration)], from a source of its own.
  public CompletableFuture<Enqueued> enqueue(NewJob job, Duration timeout) {
    return enqueue(job, new Source(), timeout);
  }

  /// Creates a job, or finds the one its key names. The future completes after the commit. Blocks
  /// while too much waits for its commit already.
  public CompletableFuture<Enqueued> enqueue(NewJob job, Source source, Duration timeout) {
    checkSize(job);
    if (draining) {
      throw new EngineException(
          Reason.SHUTTING_DOWN, "the sidecar is shutting down; call another one or call again");
    }
    Duration patience = shorter(timeout, config.timing().enqueueTimeout());
    Lane lane = reaching(() -> store.jobs().lane(job.target().function(), job.target().queue()));
    int size = job.args().size();
    admission.enter(size, patience);
    return workers
        .flusher()
        .enqueue(job, source, lane, patience)
        .whenComplete((done, failed) -> admission.leave(size));
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void checkSize(NewJob job) {
    int limit = config.limits().payloadBytes();
    if (job.args().size() > limit) {
      throw new EngineException(
          Reason.PAYLOAD_TOO_LARGE,
          "the arguments have %d bytes, but the limit is %d; pass a reference to the data, or raise max-payload"
              .formatted(job.args().size(), limit));
    }
  }

  /// A job with its arguments, attempts, steps, result and error.
  public JobView find(UUID id) {
    return reaching(() -> store.jobs().find(id)).orElseThrow(() -> EngineException.noJob(id));
  }

  /// The name of a job's function.
  public String functionOf(UUID id) {
    return reaching(() -> store.jobs().laneOf(id))
        .orElseThrow(() -> EngineException.noJob(id))
        .function();
  }

  public JobPage list(JobFilter filter) {
    return reaching(() -> store.jobs().list(filter));
  }

  /// Completes when the job has ended, wherever it runs. Fails with JOB_NOT_FOUND. Who waits no
  /// longer cancels it.
  public CompletableFuture<JobEnd> result(UUID id) {
    return results.await(id);
  }

  /// As [#result], for very many: tells the listener once.
  public void watch(UUID id, ResultListener listener) {
    results.await(id, listener);
  }

  /// The listener waits for this job no longer; it may be told all the same.
  public void unwatch(UUID id, ResultListener listener) {
    results.forget(id, listener);
  }

  /// Cancels a job that waits, asks the worker of one that runs.
  public Jobs.Change cancel(UUID id) {
    Jobs.Change change =
        reaching(() -> store.jobs().cancel(id)).orElseThrow(() -> EngineException.noJob(id));
    if (change.accepted() && change.status() == JobStatus.CANCELLED) {
      results.heard(List.of(id));
      doorbells.done(List.of(id));
    } else if (change.accepted()) {
      workers.executions().cancelRequested(List.of(id));
      doorbells.cancelRequested();
    }
    return change;
  }

  /// Gives a dead or cancelled job a new round of attempts.
  public Jobs.Change retry(UUID id) {
    Jobs.Change change =
        reaching(() -> store.jobs().retry(id)).orElseThrow(() -> EngineException.noJob(id));
    if (change.accepted()) {
      upkeep.inBackground(() -> workers.rung(List.of(change.laneId())));
      doorbells.ready(change.laneId());
    }
    return change;
  }

  private static <T> T reaching(Supplier<T> work) {
    try {
      return work.get();
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.WARNING, "a call failed: {0}", e.getMessage());
      throw e.kind() == StoreException.Kind.REJECTED
          ? new EngineException(
              Reason.INTERNAL, "the database refused the call; the sidecar's log says why", e)
          : new EngineException(
              Reason.STORAGE_UNAVAILABLE,
              "the database does not answer; call again when it is back",
              e);
    }
  }

  /// Lets a worker in; see [Attached].
  public Attached connect(WorkerHello hello, WorkerLink link) {
    if (draining) {
      throw new EngineException(
          Reason.SHUTTING_DOWN, "the sidecar is shutting down; connect again or to another one");
    }
    return reaching(() -> workers.sessions().connect(hello, link));
  }

  /// A worker offers more functions.
  public void register(Attached worker, List<String> functions) {
    reaching(() -> worker.register(functions));
  }

  /// A sign of life of a worker, by session. False: unknown.
  public boolean beat(String session) {
    return workers.sessions().beat(session);
  }

  /// The steps that executions of a job have recorded, for the one that goes on from there.
  ///
  /// @param after key of the last one known; empty: from the first
  public StepPage steps(String session, LeaseKey lease, String after) {
    if (!workers.sessions().holds(session, lease)) {
      throw new EngineException(
          Reason.LEASE_LOST,
          "attempt %d of job %s is not this worker's any more; stop its handler"
              .formatted(lease.attempt(), lease.job()));
    }
    return reaching(() -> store.jobs().steps(lease.job(), after));
  }

  /// The name of a lane's function and queue. Empty: a failover lost it, or the database cannot be
  /// asked.
  public Optional<Lane> lane(int id) {
    try {
      return Optional.of(store.jobs().lane(id));
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  /// False while the database cannot be reached or the node is shutting down.
  public boolean ready() {
    return !draining && workers.flusher().healthy() && ears.connected();
  }

  public Counters counters() {
    return workers.executions().counters();
  }

  /// What the node holds at this moment.
  public Gauges gauges() {
    Sessions sessions = workers.sessions();
    return new Gauges(
        workers.executions().size(),
        sessions.workers(),
        sessions.slots(),
        admission.inside(),
        results.waiting(),
        watch.peers(),
        watch.takeovers(),
        workers.flusher().flushes());
  }

  /// @param running executions
  /// @param workers connected, or within their grace
  /// @param slots of all workers
  /// @param enqueuing jobs waiting for their commit
  /// @param waiters jobs whose end is waited for
  /// @param peers other live nodes
  /// @param takeovers nodes this one has taken over
  /// @param flushes committed
  public record Gauges(
      int running,
      int workers,
      int slots,
      int enqueuing,
      int waiters,
      int peers,
      long takeovers,
      long flushes) {}

  /// Takes nothing new, waits for running executions, hands back the rest and ends the workers'
  /// sessions.
  ///
  /// @param grace how long running executions may take
  public void drain(Duration grace) {
    draining = true;
    long until = machine.nanoTime() + grace.toNanos();
    workers.sessions().drain(clock.instant().plus(grace));
    while (workers.executions().size() > 0 && machine.nanoTime() - until < 0) {
      machine.parkNanos(5_000_000);
    }
    workers.sessions().close();
  }

  /// Commits what is queued, signs off and closes the store. What still runs goes back first.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      drain(Duration.ZERO);
      results.stop();
      boolean clean = workers.stop();
      upkeep.stop();
      if (clean) {
        leave();
      } else {
        LOG.log(
            System.Logger.Level.WARNING,
            "could not hand everything back, others will take over node {0}",
            node());
      }
      ears.stop();
      doorbells.stop();
      store.close();
      LOG.log(System.Logger.Level.INFO, "node {0,number,#} has left", node());
    }
  }

  private void leave() {
    try {
      membership.leave();
    } catch (StoreException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "could not sign off, others will take over: {0}",
          e.getMessage());
    }
  }
}
