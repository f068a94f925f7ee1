package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is kept of a new job.
@Timeout(60)
class WriterEnqueueTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterEnqueueTest() {
    super(DB);
  }

  @Test
  void aLeasedJobIsInNoOtherTableAndRuns() {
    UUID id = Flushes.id();
    assertEquals(Set.of(id), flush(new Flushes().leased(id, lane)).inserted());
    assertEquals(JobStatus.RUNNING, find(id).status());
    assertEquals(me.id() + "", DB.text("SELECT owner FROM job WHERE id = '%s'".formatted(id)));
  }

  @Test
  void everythingThatWasAskedForIsKept() {
    UUID id = Flushes.id();
    Instant due = Instant.parse("2030-01-01T00:00:00.123Z");
    Instant deadline = Instant.parse("2150-12-31T23:59:59.999999Z");
    NewJob job =
        new NewJob(
            new NewJob.Target(lane.function(), lane.queue()),
            0,
            new Payload(new byte[] {0, 1, -1}, "application/x"),
            new RunPolicy(
                10_000,
                new Backoff(
                    Backoff.Type.LINEAR, Duration.ofMillis(7), 1.5, Duration.ofSeconds(8), 0.25),
                Duration.ofDays(365)),
            new NewJob.Due(due, deadline),
            new NewJob.Labels("käy", Duration.ofSeconds(1), List.of("a b", "ä", "\"{,}'\\")));
    flush(new Flushes().insert(id, lane, job, false));
    JobView view = find(id);
    assertEquals(JobStatus.SCHEDULED, view.status());
    assertEquals(due, view.runAt());
    assertEquals(job.policy(), view.job().policy());
    assertEquals(job.due(), view.job().due());
    assertEquals(0, view.job().priority());
    assertEquals("käy", view.job().labels().key());
    assertEquals(job.labels().tags(), view.job().labels().tags());
    assertEquals("application/x", view.job().args().type());
    assertEquals(3, view.job().args().size());
    assertEquals("1", count("deadline", id));
    assertEquals("1", count("timer", id));
  }

  @Test
  void aDeadlineAMicrosecondAfterTheDueTimeIsReadBack() {
    UUID id = Flushes.id();
    Instant due = Instant.now().plusSeconds(60);
    NewJob.Due tight = new NewJob.Due(due, due.plusNanos(1000));
    flush(new Flushes().insert(id, lane, Flushes.job(lane, 5, tight, null), false));
    assertEquals(tight, find(id).job().due());
    UUID last = Flushes.id();
    NewJob.Due never = new NewJob.Due(null, Instant.parse("9999-12-31T23:59:59.999Z"));
    flush(new Flushes().insert(last, lane, Flushes.job(lane, 5, never, null), false));
    assertNotNull(find(last).job().due().deadline());
  }

  @Test
  void emptyArgumentsStayEmpty() {
    UUID id = Flushes.id();
    flush(new Flushes().insert(id, lane, NewJob.of(lane.function(), Payload.EMPTY), false));
    assertEquals(0, flush(new Flushes().claim(lane, 1)).claimed().getFirst().args().size());
  }

  @Test
  void aThousandRowsWithLargeArgumentsGoThrough() {
    Flushes many = new Flushes();
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      UUID id = Flushes.id();
      ids.add(id);
      NewJob job = NewJob.of(lane.function(), new Payload(new byte[4000], null));
      many.insert(id, lane, job, i % 2 == 0);
    }
    assertEquals(new HashSet<>(ids), flush(many).inserted());
    Flushes ends = new Flushes().claim(lane, 500);
    for (int i = 0; i < 1000; i += 2) {
      ends.succeed(ids.get(i), lane, 1, false, "r");
    }
    assertEquals(500, flush(ends).claimed().size());
    assertEquals(500, flush(new Flushes().adopt()).adopted().size());
  }
}
