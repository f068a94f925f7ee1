package dev.reseolio.engine.flush;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import dev.reseolio.engine.watch.Telling;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// One thread, one connection, one flush at a time. There is no timer: when a flush returns, the
/// next one takes everything that has gathered meanwhile, what workers report before claims before
/// new jobs.
///
/// A flush whose outcome is unknown is sent again until it is known; a flush rejected for its data
/// is halved until only the guilty caller fails.
public final class Flusher {
  private static final System.Logger LOG = System.getLogger(Flusher.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /// A flush takes milliseconds. One that takes longer waits for something.
  private static final Duration LONG = Duration.ofSeconds(2);

  private final Machine machine;
  private final Writer writer;
  private final Incarnation incarnation;
  private final Dispatch dispatch;
  private final InstantSource clock;
  private final Ids ids;
  private final Reports reports = new Reports();
  private final Arrivals enqueues = new Arrivals();
  private final AtomicBoolean sleeping = new AtomicBoolean();
  private final AtomicBoolean audit = new AtomicBoolean();
  private final LongAdder flushes = new LongAdder();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean healthy = true;
  private volatile boolean ended;
  private volatile List<Enqueue> underway = List.of();
  private volatile long underwayNanos;

  /// The node's identity as the flusher uses it.
  public interface Incarnation {
    NodeRef current();

    /// Called when the fence refused [#current], before anything it holds is forgotten.
    void abandon();

    /// Called after [#abandon]: returns once a new incarnation is registered, or when the thread is
    /// interrupted.
    void renew();
  }

  public Flusher(
      Machine machine,
      Writer writer,
      Incarnation incarnation,
      Dispatch dispatch,
      InstantSource clock,
      Ids ids) {
    this.machine = machine;
    thread = machine.platformThread("reseolio-flusher", this::run);
    this.writer = writer;
    this.incarnation = incarnation;
    this.dispatch = dispatch;
    this.clock = clock;
    this.ids = ids;
  }

  public void start() {
    thread.start();
  }

  /// Hands over a job to create. The future completes after the commit, or fails within `timeout`.
  public CompletableFuture<Enqueued> enqueue(
      NewJob job, Source source, Lane lane, Duration timeout) {
    Enqueue enqueue = new Enqueue(job, source, lane, machine.nanoTime() + timeout.toNanos());
    enqueues.add(enqueue);
    wake();
    if (ended) {
      enqueue.fail(Refusals.shuttingDown());
    }
    return enqueue.reply();
  }

  /// Hands over executions that ended.
  public void end(List<Flush.Ending> some) {
    reports.end(some);
    wake();
  }

  /// Hands over steps that executions have finished, each before the ending of its execution.
  public void record(List<Flush.Step> some) {
    reports.record(some);
    wake();
  }

  /// True while the results handed over and not yet taken are much for the memory.
  public boolean crowded() {
    return reports.crowded() && !stopping;
  }

  public void spill(List<Flush.Spill> some) {
    reports.spill(some);
    wake();
  }

  /// Reads the leases this node holds with the next flush, in case one is unknown to it.
  public void audit() {
    audit.set(true);
    wake();
  }

  /// Looks for work again: a slot became free, or jobs are known to wait.
  public void wake() {
    if (sleeping.get() && sleeping.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /// False while the database cannot be reached.
  public boolean healthy() {
    return healthy;
  }

  public long flushes() {
    return flushes.sum();
  }

  /// Answers callers whose time is up while a flush does not return.
  public void answerOverdue() {
    long now = machine.nanoTime();
    for (Enqueue enqueue : underway) {
      if (enqueue.expired(now)) {
        enqueue.fail(Refusals.unknown());
      }
    }
    expireQueued(now);
  }

  /// Looks after a flush that takes long: its connection may be lost without knowing it.
  public void rescue() {
    long since = underwayNanos;
    if (since != 0 && machine.nanoTime() - since > LONG.toNanos()) {
      writer.rescue();
    }
  }

  /// Commits what is queued, for at most `grace`, and ends the thread. False: something may have
  /// been left undone.
  public boolean stop(Duration grace) {
    stopping = true;
    LockSupport.unpark(thread);
    boolean clean = ended(grace);
    if (!clean) {
      thread.interrupt();
      writer.reset();
      ended(Duration.ofSeconds(2));
    }
    writer.close();
    ended = true;
    enqueues.all().forEach(e -> e.fail(Refusals.shuttingDown()));
    return clean;
  }

  private boolean ended(Duration patience) {
    try {
      return machine.join(thread, patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        // Read first: what was handed over while an empty batch was gathered is still to be
        // committed.
        boolean last = stopping;
        Batch batch = gather();
        if (!batch.isEmpty()) {
          commit(batch);
        } else if (last) {
          return;
        } else {
          sleep();
        }
      } catch (RuntimeException bug) {
        LOG.log(System.Logger.Level.ERROR, "flush failed for a reason that is a bug", bug);
      }
    }
  }

  private void sleep() {
    sleeping.set(true);
    if (!hasWork()) {
      LockSupport.park(this);
    }
    sleeping.set(false);
  }

  private boolean hasWork() {
    return stopping
        || audit.get()
        || !reports.isEmpty()
        || !enqueues.isEmpty()
        || dispatch.wantsClaim();
  }

  private Batch gather() {
    Batch batch = new Batch();
    dispatch.gathering(clock.instant());
    reports.take(batch, dispatch);
    if (audit.compareAndSet(true, false)) {
      batch.adopt();
    }
    if (!stopping) {
      batch.claim(dispatch.nextClaim());
    }
    long now = machine.nanoTime();
    for (Enqueue e; !batch.full() && (e = enqueues.poll()) != null; ) {
      take(e, batch, now);
    }
    return batch;
  }

  private void take(Enqueue enqueue, Batch batch, long nowNanos) {
    if (enqueue.expired(nowNanos)) {
      enqueue.fail(Refusals.unavailable());
    } else if (batch.add(enqueue)) {
      enqueue.identify(ids, clock.instant());
      if (enqueue.job().due().runAt() == null) {
        enqueue.seat(dispatch.reserve(enqueue.lane(), enqueue.id()));
      }
    }
  }

  private void commit(Batch first) {
    ArrayDeque<Batch> todo = new ArrayDeque<>(List.of(first));
    Duration pause = FIRST_PAUSE;
    while (!todo.isEmpty()) {
      Batch batch = todo.getFirst();
      try {
        FlushReply reply = write(batch);
        flushes.increment();
        committed();
        todo.removeFirst();
        Telling.all(() -> settle(batch, reply));
        pause = FIRST_PAUSE;
      } catch (StoreException e) {
        pause = recover(e, todo, pause);
      }
    }
  }

  private void committed() {
    if (!healthy) {
      healthy = true;
      LOG.log(System.Logger.Level.INFO, "the database commits again");
    }
  }

  /// What the database never answered for must not end the thread: it is rejected, and so halved
  /// until only the guilty caller fails.
  private FlushReply write(Batch batch) {
    underway = List.copyOf(batch.enqueues());
    underwayNanos = machine.nanoTime();
    try {
      return writer.flush(incarnation.current(), batch.flush());
    } catch (StoreException e) {
      throw e;
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a flush cannot be sent for a reason that is a bug", bug);
      writer.reset();
      throw new StoreException(StoreException.Kind.REJECTED, String.valueOf(bug), bug);
    } finally {
      underwayNanos = 0;
      underway = List.of();
    }
  }

  private void settle(Batch batch, FlushReply reply) {
    try {
      dispatch.committed(batch.settle(reply, batch.claim() != null, dispatch, clock.instant()));
    } catch (RuntimeException bug) {
      LOG.log(
          System.Logger.Level.ERROR,
          "a commit was not followed up for a reason that is a bug",
          bug);
      audit.set(true);
    }
    batch.answer(reply);
  }

  /// Decides what to do about a failed flush: the first batch of `todo` stays, is split, or goes.
  /// Returns the next pause.
  private Duration recover(StoreException e, ArrayDeque<Batch> todo, Duration pause) {
    Batch batch = todo.getFirst();
    switch (e.kind()) {
      case UNAVAILABLE -> {
        if (batch.claim() != null) {
          dispatch.claimFailed();
        }
        batch.doubt();
        dispatch.interrupted();
        return waitFor(e, todo, pause);
      }
      case TRANSIENT -> {
        return waitFor(e, todo, pause);
      }
      case REJECTED -> reject(e, todo);
      case FENCED -> fenced(todo);
    }
    return pause;
  }

  private Duration waitFor(StoreException e, ArrayDeque<Batch> todo, Duration pause) {
    if (healthy) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the database does not commit, trying on: {0}",
          e.getMessage());
    }
    healthy = false;
    long until = machine.nanoTime() + pause.toNanos();
    long now;
    do { // In slices: callers get their answer when their time is up, not when the pause is.
      machine.parkNanos(FIRST_PAUSE.toNanos());
      now = machine.nanoTime();
      for (Batch batch : todo) {
        expire(batch, now);
      }
      expireQueued(now);
    } while (now - until < 0 && !Thread.currentThread().isInterrupted());
    giveUpIfInterrupted(todo);
    Duration longer = pause.multipliedBy(2);
    return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }

  /// Answers callers whose time is up. A job that may have been committed stays in the batch, so
  /// that it is dispatched when the outcome is known.
  private void expire(Batch batch, long now) {
    for (Iterator<Enqueue> i = batch.enqueues().iterator(); i.hasNext(); ) {
      Enqueue enqueue = i.next();
      if (enqueue.expired(now)) {
        enqueue.fail(batch.inDoubt() ? Refusals.unknown() : Refusals.unavailable());
        if (!batch.inDoubt()) {
          i.remove();
          giveBack(enqueue);
        }
      }
    }
  }

  private void expireQueued(long now) {
    enqueues.pollExpired(now).forEach(e -> e.fail(Refusals.unavailable()));
  }

  private static void abandon(Batch batch) {
    batch
        .enqueues()
        .forEach(e -> e.fail(batch.inDoubt() ? Refusals.unknown() : Refusals.unavailable()));
  }

  private void reject(StoreException e, ArrayDeque<Batch> todo) {
    Batch batch = todo.removeFirst();
    if (!batch.single()) {
      Batch half = batch.split();
      todo.addFirst(half);
      todo.addFirst(batch);
      return;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "the database refuses one entry of a flush: {0}",
        e.getMessage());
    if (batch.claim() != null) {
      dispatch.claimFailed();
    }
    dispatch.refused(batch.endings());
    dispatch.refusedSteps(batch.steps());
    for (Enqueue enqueue : batch.enqueues()) {
      giveBack(enqueue);
      enqueue.fail(Refusals.refused());
    }
  }

  /// Everything this incarnation held is lost. Enqueues go on under the next one, waiting like any
  /// other job; their ids stay, so that one which was committed after all is not created twice.
  private void fenced(ArrayDeque<Batch> todo) {
    LOG.log(
        System.Logger.Level.WARNING,
        "node {0,number,#} was fenced; registering a new incarnation",
        incarnation.current().id());
    incarnation.abandon();
    todo.forEach(Batch::lose);
    dispatch.fenced();
    incarnation.renew();
    while (!Thread.currentThread().isInterrupted() && !renamed(todo)) {
      machine.parkNanos(FIRST_PAUSE.toNanos());
    }
    giveUpIfInterrupted(todo);
  }

  private static void giveUpIfInterrupted(ArrayDeque<Batch> todo) {
    if (Thread.currentThread().isInterrupted()) {
      todo.forEach(Flusher::abandon);
      todo.clear();
    }
  }

  private boolean renamed(Iterable<Batch> todo) {
    try {
      dispatch.renewed();
      todo.forEach(batch -> rename(List.copyOf(batch.enqueues()), batch.enqueues()::remove));
      rename(enqueues.all(), enqueues::remove);
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  private void rename(List<Enqueue> some, Consumer<Enqueue> remove) {
    for (Enqueue enqueue : some) {
      try {
        enqueue.lane(dispatch.lane(enqueue.job()));
      } catch (EngineException refused) {
        remove.accept(enqueue);
        enqueue.fail(refused);
      }
    }
  }

  private void giveBack(Enqueue enqueue) {
    Dispatch.Seat seat = enqueue.seat();
    if (seat != null) {
      dispatch.giveBack(seat, enqueue.id());
      enqueue.seat(null);
    }
  }
}
