package dev.reseolio.engine.flush;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the flusher does about every kind of failure.
@Timeout(20)
class FlusherFailuresTest extends FlusherFixture {
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
  void aBadStepIsFoundAmongTheRestAndNoStepIsWrittenAfterItsExecutionHasEnded() throws Exception {
    writer.poison = "poison";
    List<Flush.Ending> endings = new ArrayList<>();
    List<Flush.Step> steps = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Flush.Ending ending = ending();
      endings.add(ending);
      steps.add(step(ending.job(), i == 7 ? "poison" : "fine"));
    }
    flusher.record(steps);
    flusher.end(endings);
    flusher.start();
    assertEquals(steps.get(7), floor.refusedSteps.poll(10, TimeUnit.SECONDS));
    Set<UUID> ended = new HashSet<>();
    int recorded = 0;
    while (ended.size() < endings.size()) {
      Dispatch.Commit commit = floor.commits.poll(10, TimeUnit.SECONDS);
      assertTrue(commit != null);
      commit.steps().forEach(s -> assertFalse(ended.contains(s.job()), "after the end"));
      recorded += commit.steps().size();
      commit.ended().forEach(e -> ended.add(e.job()));
    }
    assertEquals(19, recorded);
    assertTrue(floor.refusedSteps.isEmpty() && floor.refused.isEmpty());
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
        flusher.enqueue(job("x", null), new Source(), LANE, Duration.ofMillis(600));
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
        flusher.enqueue(job("x", null), new Source(), LANE, Duration.ofMillis(600));
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

  /// A copy of the database that was promoted may never have seen the lane, or know another one by
  /// its number.
  @Test
  void lanesAreLookedUpAgainUnderTheNextIncarnation() throws Exception {
    writer.failNext(Kind.FENCED);
    CompletableFuture<Enqueued> one = enqueue("x");
    floor.lane = new Lane(7, 8, "f", "default");
    flusher.start();
    get(one);
    assertEquals(1, writer.next().flush().inserts().getFirst().lane().id());
    assertEquals(7, writer.next().flush().inserts().getFirst().lane().id());
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
}
