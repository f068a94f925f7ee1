package dev.reseolio.engine.flush;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.machine.RealMachine;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import dev.reseolio.engine.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// A flusher on a writer that fails as it is told.
abstract class FlusherFixture {
  static final Duration LONG = Duration.ofSeconds(15);
  static final Lane LANE = new Lane(1, 1, "f", "default");

  record Sent(int node, Flush flush) {}

  /// Fails with what is scripted for each flush in turn, then commits everything it is given.
  final class Script implements Writer {
    final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
    final BlockingQueue<Function<Flush, @Nullable RuntimeException>> turns =
        new LinkedBlockingQueue<>();
    final Set<UUID> jobs = new HashSet<>();
    @Nullable String poison;

    @Override
    public FlushReply flush(NodeRef me, Flush flush) {
      var turn = turns.poll();
      RuntimeException failure = turn == null ? null : turn.apply(flush);
      sent.add(new Sent(me.id(), flush));
      if (failure != null) {
        throw failure;
      }
      Set<UUID> inserted = new HashSet<>();
      Map<UUID, UUID> keyed = new HashMap<>();
      if (flush.inserts().stream().anyMatch(i -> text(i.job()).equals(poison))) {
        throw new StoreException(Kind.REJECTED, "poison", null);
      }
      if (flush.steps().stream().anyMatch(s -> text(s.result()).equals(poison))) {
        throw new StoreException(Kind.REJECTED, "poison", null);
      }
      for (Flush.Insert insert : flush.inserts()) {
        if (jobs.add(insert.id())) {
          inserted.add(insert.id());
        }
        if (insert.job().labels().key() != null) {
          keyed.put(insert.id(), insert.id());
        }
      }
      return new FlushReply(inserted, keyed, List.of(), List.of(), Set.of());
    }

    void failNext(Kind kind) {
      turns.add(flush -> new StoreException(kind, "scripted", null));
    }

    Sent next() throws InterruptedException {
      Sent next = sent.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no flush came");
      }
      return next;
    }

    @Override
    public void reset() {
      unblock.countDown();
    }

    @Override
    public void rescue() {}

    @Override
    public void close() {}
  }

  static String text(NewJob job) {
    return text(job.args());
  }

  static String text(Payload payload) {
    return new String(payload.data(), java.nio.charset.StandardCharsets.UTF_8);
  }

  static final class OneSeat implements Dispatch.Seat {}

  /// Has a seat for every job and remembers what it is told.
  static final class Floor implements Dispatch {
    final BlockingQueue<Commit> commits = new LinkedBlockingQueue<>();
    final BlockingQueue<UUID> given = new LinkedBlockingQueue<>();
    final BlockingQueue<Flush.Ending> refused = new LinkedBlockingQueue<>();
    final BlockingQueue<Flush.Step> refusedSteps = new LinkedBlockingQueue<>();
    final Set<UUID> held = ConcurrentHashMap.newKeySet();
    volatile Lane lane = LANE;
    volatile boolean seats;
    volatile boolean failing;
    final AtomicInteger fenced = new AtomicInteger();
    final AtomicInteger claimsFailed = new AtomicInteger();
    volatile Flush.@Nullable Claim claim;

    /// Runs once, after the queue of endings was read.
    final AtomicReference<@Nullable Runnable> whileGathering = new AtomicReference<>();

    @Override
    public void gathering(Instant now) {}

    @Override
    public void ending(Flush.Ending ending) {}

    @Override
    public @Nullable Seat reserve(Lane lane, UUID id) {
      return seats ? new OneSeat() : null;
    }

    @Override
    public void giveBack(Seat seat, UUID id) {
      given.add(id);
    }

    @Override
    public Flush.@Nullable Claim nextClaim() {
      Runnable first = whileGathering.getAndSet(null);
      if (first != null) {
        first.run();
      }
      Flush.Claim next = claim;
      claim = null;
      return next;
    }

    @Override
    public void claimFailed() {
      claimsFailed.incrementAndGet();
    }

    @Override
    public void interrupted() {}

    @Override
    public boolean wantsClaim() {
      return claim != null;
    }

    @Override
    public void waiting(Lane lane, int priority) {}

    @Override
    public void due(Instant at) {}

    @Override
    public boolean holds(UUID job, int attempt) {
      return held.contains(job);
    }

    @Override
    public void committed(Commit commit) {
      if (failing) {
        throw new IllegalStateException("scripted");
      }
      commits.add(commit);
    }

    @Override
    public void refused(List<Flush.Ending> endings) {
      refused.addAll(endings);
    }

    @Override
    public void refusedSteps(List<Flush.Step> steps) {
      refusedSteps.addAll(steps);
    }

    @Override
    public void renewed() {}

    @Override
    public Lane lane(NewJob job) {
      return lane;
    }

    @Override
    public void fenced() {
      fenced.incrementAndGet();
      held.clear();
    }
  }

  static final class Numbers implements Flusher.Incarnation {
    private volatile NodeRef me = new NodeRef(1, UUID.randomUUID());

    @Override
    public NodeRef current() {
      return me;
    }

    @Override
    public void abandon() {}

    @Override
    public void renew() {
      me = new NodeRef(me.id() + 1, UUID.randomUUID());
    }
  }

  final CountDownLatch unblock = new CountDownLatch(1);
  final Script writer = new Script();
  final Floor floor = new Floor();
  final Flusher flusher =
      new Flusher(
          RealMachine.INSTANCE, writer, new Numbers(), floor, Instant::now, new Ids(new Random(1)));

  @AfterEach
  void stop() {
    flusher.stop(Duration.ofSeconds(5));
  }

  static NewJob job(String args, @Nullable String key) {
    return new NewJob(
        new NewJob.Target("f", "default"),
        5,
        new Payload(args.getBytes(java.nio.charset.StandardCharsets.UTF_8), null),
        RunPolicy.DEFAULT,
        NewJob.Due.NOW,
        new NewJob.Labels(key, Duration.ofDays(1), List.of()));
  }

  CompletableFuture<Enqueued> enqueue(String args) {
    return flusher.enqueue(job(args, null), new Source(), LANE, LONG);
  }

  Flush.Step step(UUID job, String result) {
    floor.held.add(job);
    return new Flush.Step(
        job, 1, "s", new Payload(result.getBytes(java.nio.charset.StandardCharsets.UTF_8), null));
  }

  Flush.Ending ending() {
    Flush.Ending ending =
        new Flush.Ending(
            UUID.randomUUID(),
            1,
            1,
            Instant.now(),
            true,
            new Decision.Finish(
                JobStatus.SUCCEEDED, AttemptOutcome.SUCCEEDED, Progress.FIRST, null, null));
    floor.held.add(ending.job());
    return ending;
  }

  static Enqueued get(CompletableFuture<Enqueued> answer) throws Exception {
    return answer.get(10, TimeUnit.SECONDS);
  }

  static Reason refused(CompletableFuture<Enqueued> answer) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
    return assertInstanceOf(EngineException.class, e.getCause()).reason();
  }
}
