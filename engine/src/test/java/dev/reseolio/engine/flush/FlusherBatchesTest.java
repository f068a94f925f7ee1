package dev.reseolio.engine.flush;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What goes into a flush, and what becomes of it when the flusher stops.
@Timeout(20)
class FlusherBatchesTest extends FlusherFixture {
  @Test
  void theSameKeyInOneFlushIsOneJob() throws Exception {
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(flusher.enqueue(job("x", "k"), new Source(), LANE, LONG));
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

  /// A burst of one caller does not hold up another, who comes later.
  @Test
  void sourcesTakeTurnsAndKeepTheirOwnOrder() throws Exception {
    Source burst = new Source();
    List<CompletableFuture<Enqueued>> all = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      all.add(flusher.enqueue(job("burst" + i, null), burst, LANE, LONG));
    }
    Source few = new Source();
    for (int i = 0; i < 3; i++) {
      all.add(flusher.enqueue(job("few" + i, null), few, LANE, LONG));
    }
    flusher.start();
    for (CompletableFuture<Enqueued> one : all) {
      get(one);
    }
    List<String> first =
        writer.next().flush().inserts().stream().map(i -> text(i.job())).limit(7).toList();
    assertEquals(List.of("burst0", "few0", "burst1", "few1", "burst2", "few2", "burst3"), first);
  }

  /// A handler waits for its step, and nobody for an ending.
  @Test
  void noNumberOfEndingsKeepsAStepOut() throws Exception {
    List<Flush.Ending> endings = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      endings.add(ending());
    }
    flusher.end(endings);
    flusher.record(List.of(step(UUID.randomUUID(), "fine")));
    flusher.start();
    Flush first = writer.next().flush();
    assertEquals(1, first.steps().size());
    assertEquals(999, first.endings().size());
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
