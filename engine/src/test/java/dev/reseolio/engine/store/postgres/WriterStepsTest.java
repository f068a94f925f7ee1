package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.RecordedStep;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.engine.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Steps: recorded once, behind the fence, and read in pages.
@Timeout(60)
class WriterStepsTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterStepsTest() {
    super(DB);
  }

  private UUID leased() {
    UUID id = Flushes.id();
    flush(new Flushes().leased(id, lane));
    return id;
  }

  private static List<String> read(UUID job) {
    return DB.jobs().steps(job, "").steps().stream()
        .map(s -> s.key() + "=" + StoreFixture.utf8(s.result()))
        .toList();
  }

  @Test
  void stepsAreReadByTheirKeysAndShowWhatDidThem() {
    UUID job = leased();
    UUID other = leased();
    flush(new Flushes().step(job, 1, "b", "1").step(other, 1, "b", "other"));
    flush(new Flushes().step(job, 2, "a", "22"));
    assertEquals(List.of("a=22", "b=1"), read(job));
    assertEquals(List.of("b=other"), read(other));
    assertNull(DB.jobs().steps(job, "").next());
    List<JobView.Step> shown = find(job).steps();
    assertEquals(List.of("b", "a"), shown.stream().map(JobView.Step::key).toList());
    assertEquals(List.of(1, 2), shown.stream().map(JobView.Step::attempt).toList());
    assertEquals(List.of(1L, 2L), shown.stream().map(JobView.Step::resultBytes).toList());
    assertEquals(
        "22", DB.text("SELECT result FROM steps WHERE job = '%s' AND key = 'a'".formatted(job)));
  }

  @Test
  void theFirstResultCountsAlsoWithinAFlush() {
    UUID job = leased();
    flush(new Flushes().step(job, 1, "a", "first").step(job, 1, "a", "second"));
    flush(new Flushes().step(job, 1, "a", "third"));
    assertEquals(List.of("a=first"), read(job));
  }

  @Test
  void aStepAndTheEndOfItsExecutionAreOneCommit() {
    UUID job = leased();
    flush(new Flushes().step(job, 1, "a", "1").succeed(job, lane, 1, false, "2"));
    assertEquals(List.of("a=1"), read(job));
    assertEquals(1, end(job).attempt());
  }

  @Test
  void aFencedNodeRecordsNothing() {
    UUID job = leased();
    DB.execute("UPDATE node SET state = 2 WHERE id = %d".formatted(me.id()));
    StoreException refused =
        assertThrows(StoreException.class, () -> flush(new Flushes().step(job, 1, "a", "1")));
    assertEquals(StoreException.Kind.FENCED, refused.kind());
    assertEquals(List.of(), read(job));
    DB.execute("UPDATE node SET state = 1 WHERE id = %d".formatted(me.id()));
  }

  @Test
  void manyStepsComeInPages() {
    UUID job = leased();
    Flushes many = new Flushes();
    for (int i = 0; i < Jobs.STEPS_OF_PAGE + 1; i++) {
      many.step(job, 1, "s%04d".formatted(i), "1");
    }
    flush(many);
    assertEquals(List.of(Jobs.STEPS_OF_PAGE, 1), pages(job));
  }

  @Test
  void aPageIsNotLargerThanAllowedUnlessASingleStepIs() {
    UUID job = leased();
    String large = "x".repeat(Jobs.STEPS_BYTES / 2 + 1);
    for (String key : List.of("a", "b", "c", "d")) {
      flush(new Flushes().step(job, 1, key, large));
    }
    flush(new Flushes().step(job, 1, "e", large + large));
    assertEquals(List.of(1, 1, 1, 1, 1), pages(job));
  }

  /// How many steps each page has; the last one says that it is.
  private static List<Integer> pages(UUID job) {
    List<Integer> sizes = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    String after = "";
    while (after != null) {
      StepPage page = DB.jobs().steps(job, after);
      sizes.add(page.steps().size());
      page.steps().stream().map(RecordedStep::key).forEach(keys::add);
      after = page.next();
    }
    assertEquals(keys.stream().distinct().sorted().toList(), keys);
    assertTrue(!keys.isEmpty());
    return sizes;
  }
}
