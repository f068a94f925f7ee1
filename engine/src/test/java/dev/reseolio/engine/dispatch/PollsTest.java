package dev.reseolio.engine.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.machine.HandClock;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.postgres.TestStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollsTest {
  private final TestStore db = new TestStore();
  private final Store store = db.open();
  private final HandClock clock = new HandClock();
  private final Waiting waiting = new Waiting(new SplittableRandom(1));
  private final Lane lane = store.jobs().lane("f", "default");
  private final Polls polls =
      new Polls(
          clock, waiting, () -> Set.of(lane.functionId()), store.backlog(), store.jobs(), () -> {});
  private UUID job;

  @BeforeEach
  void enqueue() {
    job = db.enqueue("f", "{}");
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    db.close();
  }

  private boolean found() {
    polls.look();
    return waiting.mayHold(lane.id());
  }

  private long cursor() {
    return waiting.all(List.of(lane)).get(5).after();
  }

  private void moveCursors() {
    polls.moveCursors();
    polls.moveCursors();
  }

  @Test
  void aJobNobodyRangForIsFound() {
    assertTrue(found());
  }

  @Test
  void aCursorStopsBeforeTheFirstJobAndPassesWhatIsGone() {
    long seq = db.number("SELECT seq FROM ready");
    assertTrue(found());
    moveCursors();
    assertEquals(seq - 1, cursor());
    db.execute("DELETE FROM ready WHERE id = '%s'".formatted(job));
    waiting.mark(lane.id(), 5);
    moveCursors();
    assertEquals(seq, cursor());
  }

  @Test
  void aJobThatACursorHasPassedIsFoundByTheNextSweep() {
    waiting.advance(List.of(new Slot(lane.id(), 5, 1000)));
    clock.pass(Duration.ofSeconds(29));
    moveCursors();
    assertFalse(found());
    clock.pass(Duration.ofSeconds(2));
    moveCursors();
    assertTrue(found());
  }

  @Test
  void cursorsMoveFasterWhileManyJobsAreClaimed() {
    Duration usual = polls.moveCursors();
    waiting.taken(10_000);
    assertTrue(polls.moveCursors().compareTo(usual) < 0);
    waiting.mark(lane.id(), 5);
    moveCursors();
    assertEquals(usual, polls.moveCursors());
  }
}
