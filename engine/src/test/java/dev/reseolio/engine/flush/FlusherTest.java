package dev.reseolio.engine.flush;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the flusher does about every kind of failure, on a writer that fails as it is told.
@Timeout(20)
class FlusherTest {
  private static final Duration LONG = Duration.ofSeconds(15);
  private static final Lane LANE = new Lane(1, 1, "f", "default");

  private record Sent(int node, Flush flush) {}

  /// Fails with what is scripted for each flush in turn, then commits everything it is given.
  private final class Script implements Writer {
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
    public void close() {}
  }

  private static String text(NewJob job) {
    return new String(job.args().data(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static final class OneSeat implements Dispatch.Seat {}

  /// Has a seat for every job and remembers what it is told.
  private static final class Floor implements Dispatch {
    final BlockingQueue<Commit> commits = new LinkedBlockingQueue<>();
    final BlockingQueue<UUID> given = new LinkedBlockingQueue<>();
    final BlockingQueue<Flush.Ending> refused = new LinkedBlockingQueue<>();
    final Set<UUID> held = java.util.concurrent.ConcurrentHashMap.newKeySet();
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
    public void waiting(int laneId, int priority) {}

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
    public void fenced() {
      fenced.incrementAndGet();
      held.clear();
    }
  }

  private static final class Numbers implements Flusher.Incarnation {
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

  private final CountDownLatch unblock = new CountDownLatch(1);
  private final Script writer = new Script();
  private final Floor floor = new Floor();
  private final Flusher flusher =
      new Flusher(
          RealMachine.INSTANCE, writer, new Numbers(), floor, Instant::now, new Ids(new Random(1)));

  @AfterEach
  void stop() {
    flusher.stop(Duration.ofSeconds(5));
  }

  private static NewJob job(String args, @Nullable String key) {
    return new NewJob(
        new NewJob.Target("f", "default"),
        5,
        new Payload(args.getBytes(java.nio.charset.StandardCharsets.UTF_8), null),
        RunPolicy.DEFAULT,
        NewJob.Due.NOW,
        new NewJob.Labels(key, Duration.ofDays(1), List.of()));
  }

  private CompletableFuture<Enqueued> enqueue(String args) {
    return flusher.enqueue(job(args, null), LANE, LONG);
  }

  private Flush.Ending ending() {
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

  private static Enqueued get(CompletableFuture<Enqueued> answer) throws Exception {
    return answer.get(10, TimeUnit.SECONDS);
  }

  private static Reason refused(CompletableFuture<Enqueued> answer) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
    return assertInstanceOf(EngineException.class, e.getCause()).reason();
  }

  @Test
  void theGuiltyAreFoundAmongManyOfBothKinds() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    writer.poison = "poison";
    List<CompletableFuture<Enqueued>> good = new ArrayList<>();
    List<CompletableFuture<Enqueued>> bad = new ArrayList<>();
    List<Flush.Ending> endings = new ArrayList<>();
    floor.seats = true;
    for (int i = 0; i < 200; i++) {
      switch (random.nextInt(3)) {
        case 0 -> good.add(enqueue("fine"));
        case 1 -> endings.add(ending());
        default -> bad.add(enqueue("poison"));
      }
    }
    flusher.end(endings);
    flusher.start();
    for (CompletableFuture<Enqueued> one : good) {
      assertFalse(get(one).deduplicated(), "seed " + seed);
    }
    for (CompletableFuture<Enqueued> one : bad) {
      assertEquals(Reason.INTERNAL, refused(one), "seed " + seed);
    }
    Set<UUID> ended = new HashSet<>();
    int started = 0;
    while (ended.size() < endings.size() || started < good.size()) {
      Dispatch.Commit commit = floor.commits.poll(10, TimeUnit.SECONDS);
      assertTrue(commit != null, "seed " + seed);
      commit.ended().forEach(e -> assertTrue(ended.add(e.job())));
      started += commit.started().size();
    }
    assertEquals(bad.size(), floor.given.size(), "seats come back, seed " + seed);
    assertEquals(0, floor.refused.size());
  }

  @Test
  void oneBadJobBesideOneEndingIsFound() throws Exception {
    writer.poison = "poison";
    flusher.end(List.of(ending()));
    CompletableFuture<Enqueued> bad = enqueue("poison");
    flusher.start();
    assertEquals(Reason.INTERNAL, refused(bad));
    assertEquals(1, floor.commits.take().ended().size());
  }

  @Test
  void anUnknownOutcomeIsResolvedBySendingTheSameAgain() throws Exception {
    floor.seats = true;
    floor.claim = new Flush.Claim(List.of(new Flush.Slot(1, 5, 0)), 3);
    // Committed, but the reply is lost.
    writer.turns.add(flush -> {
      flush.inserts().forEach(i -> writer.jobs.add(i.id()));
      return new StoreException(Kind.UNAVAILABLE, "scripted", null);
    });
    CompletableFuture<Enqueued> answer = enqueue("x");
    flusher.start();
    UUID id = get(answer).id();
    Flush first = writer.next().flush();
    Flush second = writer.next().flush();
    assertEquals(id, first.inserts().getFirst().id());
    assertEquals(id, second.inserts().getFirst().id());
    assertTrue(second.inserts().getFirst().leased());
    assertTrue(first.claim() != null && second.claim() == null && second.adopt());
    assertEquals(1, floor.claimsFailed.get());
    assertEquals(1, floor.commits.take().started().size());
    assertTrue(flusher.healthy());
  }

  @Test
  void aPassingFailureIsTriedAgainAsItIs() throws Exception {
    writer.failNext(Kind.TRANSIENT);
    floor.claim = new Flush.Claim(List.of(new Flush.Slot(1, 5, 0)), 3);
    CompletableFuture<Enqueued> answer = enqueue("x");
    flusher.start();
    get(answer);
    assertEquals(writer.next().flush(), writer.next().flush());
    assertEquals(0, floor.claimsFailed.get());
  }

  @Test
  void whoeverWaitsTooLongForAnUnknownOutcomeIsToldSoAndTheJobStillRuns() throws Exception {
    floor.seats = true;
    for (int i = 0; i < 7; i++) {
      writer.failNext(Kind.UNAVAILABLE);
    }
    CompletableFuture<Enqueued> answer =
        flusher.enqueue(job("x", null), LANE, Duration.ofMillis(600));
    flusher.start();
    assertEquals(Reason.OUTCOME_UNKNOWN, refused(answer));
    Dispatch.Commit commit = floor.commits.poll(10, TimeUnit.SECONDS);
    assertTrue(commit != null && commit.started().size() == 1);
  }

  @Test
  void whoeverWaitsTooLongForAnOutcomeThatIsKnownHasCreatedNothing() throws Exception {
    floor.seats = true;
    for (int i = 0; i < 7; i++) {
      writer.failNext(Kind.TRANSIENT);
    }
    CompletableFuture<Enqueued> answer =
        flusher.enqueue(job("x", null), LANE, Duration.ofMillis(600));
    flusher.start();
    assertEquals(Reason.STORAGE_UNAVAILABLE, refused(answer));
    get(enqueue("y"));
    assertEquals(1, writer.jobs.size());
    assertEquals(1, floor.given.size());
  }

  @Test
  void whatAFencedIncarnationEndedIsNotWrittenUnderTheNext() throws Exception {
    flusher.end(List.of(ending(), ending(), ending(), ending()));
    writer.failNext(Kind.REJECTED);
    writer.failNext(Kind.FENCED);
    flusher.start();
    get(enqueue("x"));
    assertEquals(1, writer.jobs.size());
    writer.next();
    writer.next();
    Sent later;
    while ((later = writer.sent.poll()) != null) {
      assertEquals(2, later.node());
      assertEquals(List.of(), later.flush().endings(), "the other half was lost as well");
    }
    assertEquals(1, floor.fenced.get());
  }

  @Test
  void anEndingThatComesAfterTheFenceIsNotWrittenUnderTheNextIncarnation() throws Exception {
    Flush.Ending stale = ending();
    writer.failNext(Kind.FENCED);
    CompletableFuture<Enqueued> one = enqueue("x");
    flusher.start();
    get(one);
    // A worker's thread had ended the execution before, and hands it over only now.
    flusher.end(List.of(stale));
    flusher.spill(List.of(new Flush.Spill(stale.job(), 1, Progress.FIRST, Instant.now())));
    get(enqueue("y"));
    for (Sent sent : writer.sent) {
      assertEquals(0, sent.flush().endings().size() + sent.flush().spills().size());
    }
  }

  @Test
  void aBugInTheWriterFailsTheGuiltyAndNobodyElse() throws Exception {
    Function<Flush, @Nullable RuntimeException> bug =
        flush ->
            flush.inserts().stream().anyMatch(i -> i.job().args().size() == 3)
                ? new ArithmeticException("long overflow")
                : null;
    for (int i = 0; i < 10; i++) {
      writer.turns.add(bug);
    }
    CompletableFuture<Enqueued> good = enqueue("x");
    CompletableFuture<Enqueued> bad = enqueue("bad");
    flusher.start();
    get(good);
    assertEquals(Reason.INTERNAL, refused(bad));
  }

  @Test
  void callersAreAnsweredAlthoughTheFollowUpFails() throws Exception {
    floor.failing = true;
    CompletableFuture<Enqueued> answer = enqueue("x");
    flusher.start();
    get(answer);
    floor.failing = false;
    get(enqueue("y"));
  }

  @Test
  void theSameKeyInOneFlushIsOneJob() throws Exception {
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(flusher.enqueue(job("x", "k"), LANE, LONG));
    }
    flusher.start();
    Set<UUID> ids = new HashSet<>();
    int fresh = 0;
    for (CompletableFuture<Enqueued> one : all) {
      ids.add(get(one).id());
      fresh += get(one).deduplicated() ? 0 : 1;
    }
    assertEquals(1, ids.size());
    assertEquals(1, fresh);
    assertEquals(1, writer.next().flush().inserts().size());
  }

  @Test
  void noMoreThanAThousandRowsGoIntoOneFlush() throws Exception {
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      all.add(enqueue("x"));
    }
    flusher.start();
    for (CompletableFuture<Enqueued> one : all) {
      get(one);
    }
    assertEquals(
        List.of(1000, 1000, 500),
        writer.sent.stream().map(s -> s.flush().inserts().size()).filter(n -> n > 0).toList());
  }

  @Test
  void stoppingCommitsWhatIsQueuedAndRefusesWhatComesLater() throws Exception {
    flusher.start();
    CompletableFuture<Enqueued> before = enqueue("x");
    assertTrue(flusher.stop(Duration.ofSeconds(5)));
    get(before);
    assertEquals(Reason.SHUTTING_DOWN, refused(enqueue("y")));
  }

  @Test
  void whatIsHandedOverWhileTheLastBatchIsGatheredIsCommittedBeforeTheEnd() throws Exception {
    Flush.Ending late = ending();
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    floor.whileGathering.set(() -> {
      flusher.end(List.of(late));
      Thread stopping =
          Thread.ofPlatform().start(() -> stopped.complete(flusher.stop(Duration.ofSeconds(5))));
      while (stopping.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait(); // Until it waits for this thread to end.
      }
    });
    flusher.start();
    assertTrue(stopped.get(10, TimeUnit.SECONDS), "it says that nothing was left undone");
    Dispatch.Commit commit = floor.commits.poll();
    assertTrue(commit != null && commit.ended().equals(List.of(late)), "the ending was dropped");
  }

  @Test
  void stoppingDoesNotWaitForADatabaseThatHangs() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    writer.turns.add(flush -> {
      hanging.countDown();
      try {
        unblock.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new StoreException(Kind.UNAVAILABLE, "scripted", null);
    });
    CompletableFuture<Enqueued> stuck = enqueue("x");
    flusher.start();
    assertTrue(hanging.await(10, TimeUnit.SECONDS));
    assertFalse(flusher.stop(Duration.ofMillis(50)), "it may have left something");
    assertEquals(Reason.OUTCOME_UNKNOWN, refused(stuck));
  }
}
