package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which jobs a claim takes, and what comes with them.
@Timeout(60)
class WriterClaimsTest extends WriterFixture {
  @AutoClose private static final StoreFixture DB = new StoreFixture();

  WriterClaimsTest() {
    super(DB);
  }

  @Test
  void aClaimedJobComesWithEverythingItTakesToRunIt() {
    UUID id = Flushes.id();
    Instant deadline =
        Instant.now().plusSeconds(3600).truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
    flush(
        new Flushes()
            .insert(id, lane, Flushes.job(lane, 5, new NewJob.Due(null, deadline), "k"), false));
    Claimed job = flush(new Flushes().claim(lane, 9)).claimed().getFirst();
    assertEquals(id, job.id());
    assertEquals(lane.id(), job.laneId());
    assertEquals(Progress.FIRST, job.progress());
    assertEquals(Duration.ofSeconds(9), job.policy().timeout());
    assertEquals("{}", StoreFixture.utf8(job.args()));
    assertEquals(deadline, job.deadline());
    assertEquals("k", job.key());
    assertNull(job.lastError());
    assertEquals("1", count("lease", id));
    assertEquals("0", count("ready", id));
  }

  @Test
  void claimsTakeTheMostUrgentThenTheOldest() {
    List<UUID> expected = new ArrayList<>();
    Flushes jobs = new Flushes();
    for (int priority : new int[] {9, 0, 5}) {
      for (int i = 0; i < 3; i++) {
        UUID id = Flushes.id();
        jobs.insert(id, lane, Flushes.job(lane, priority, NewJob.Due.NOW, null), false);
        expected.add(priority == 0 ? i : expected.size(), id);
      }
    }
    Collections.rotate(expected.subList(3, 9), 3);
    flush(jobs);
    List<Slot> slots =
        List.of(new Slot(lane.id(), 0, 0), new Slot(lane.id(), 5, 0), new Slot(lane.id(), 9, 0));
    assertEquals(expected.subList(0, 4), ids(flush(new Flushes().claim(slots, 4)).claimed()));
    assertEquals(expected.subList(4, 9), ids(flush(new Flushes().claim(slots, 400)).claimed()));
    assertEquals(List.of(), flush(new Flushes().claim(slots, 400)).claimed());
  }

  @Test
  void argumentsComeUpToFourMebibytesInAllAndTheFirstOfAnySize() {
    assertEquals(List.of(3, 0, 0), claimedMebibytes(3, 2, 1));
    assertEquals(List.of(3, 1, 0), claimedMebibytes(3, 1, 1));
    assertEquals(List.of(5, 0), claimedMebibytes(5, 1));
  }

  @Test
  void adoptedLeasesBringNoMoreArgumentsThanAClaim() {
    claimedMebibytes(3, 2);
    FlushReply reply = flush(new Flushes().adopt());
    assertEquals(List.of(3, 0), mebibytes(reply.adopted()));
    assertEquals(Set.of(reply.adopted().getLast().id()), reply.withheld());
  }

  /// What comes with jobs of these sizes when they are claimed together; the others are withheld.
  private List<Integer> claimedMebibytes(int... sizes) {
    List<UUID> large = new ArrayList<>();
    for (int size : sizes) {
      UUID id = Flushes.id();
      large.add(id);
      flush(new Flushes().insert(id, lane, Flushes.job(lane, new byte[size << 20]), false));
    }
    FlushReply reply = flush(new Flushes().claim(lane, sizes.length));
    assertEquals(large, ids(reply.claimed()));
    for (Claimed job : reply.claimed()) {
      assertEquals(job.args().size() == 0, reply.withheld().contains(job.id()));
    }
    return mebibytes(reply.claimed());
  }

  private static List<Integer> mebibytes(List<Claimed> jobs) {
    return jobs.stream().map(job -> job.args().size() >> 20).toList();
  }

  @Test
  void claimsStayInTheirSlotsAndBehindTheirCursors() {
    Lane other = DB.jobs().lane("g" + functions, "default");
    UUID mine = Flushes.id();
    flush(new Flushes().ready(mine, lane).ready(Flushes.id(), other));
    long seq =
        Long.parseLong(
            String.valueOf(DB.text("SELECT seq FROM ready WHERE id = '%s'".formatted(mine))));
    Slot passed = new Slot(lane.id(), 5, seq);
    assertEquals(List.of(), flush(new Flushes().claim(List.of(passed), 9)).claimed());
    Slot otherPriority = new Slot(lane.id(), 4, 0);
    assertEquals(List.of(), flush(new Flushes().claim(List.of(otherPriority), 9)).claimed());
    Slot before = new Slot(lane.id(), 5, seq - 1);
    assertEquals(List.of(mine), ids(flush(new Flushes().claim(List.of(before), 9)).claimed()));
  }

  @Test
  void claimsSkipWhatAnotherSessionIsTaking() throws SQLException {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    flush(new Flushes().ready(first, lane).ready(second, lane));
    try (Connection other = DB.application();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(StoreFixture.CLAIM.formatted(first, 999_999));
      assertEquals(List.of(second), ids(flush(new Flushes().claim(lane, 9)).claimed()));
      other.commit();
    }
    assertEquals(List.of(), flush(new Flushes().claim(lane, 9)).claimed());
  }

  @Test
  void aNodeThatLostAReplyFindsItsLeasesByAdopting() {
    Claimed job = claimed();
    List<Claimed> adopted = flush(new Flushes().adopt()).adopted();
    assertEquals(List.of(job.id()), ids(adopted));
    assertEquals(job.progress(), adopted.getFirst().progress());
    flush(new Flushes().succeed(job, lane, "1"));
    assertEquals(List.of(), flush(new Flushes().adopt()).adopted());
  }

  @Test
  void firstAttemptsSkipTheLookForAnError() {
    String plan =
        DB.store
            .connections()
            .with(connection -> {
              try (Statement statement = connection.createStatement();
                  var rows =
                      statement.executeQuery(
                          "EXPLAIN "
                              + WriterSql.CLAIM
                                  .sql()
                                  .replaceFirst("\\?::int\\[\\], \\?::sm", "'{1}'::int[], ?::sm")
                                  .replace(
                                      "?::smallint[], ?::bigint[]",
                                      "'{5}'::smallint[], '{0}'::bigint[]")
                                  .replace("LIMIT ?", "LIMIT 1")
                                  .replace("lane, ?,", "lane, 1,"))) {
                StringBuilder lines = new StringBuilder();
                while (rows.next()) {
                  lines.append(rows.getString(1)).append('\n');
                }
                return lines.toString();
              }
            });
    assertTrue(plan.contains("One-Time Filter: (t.attempt > 1)"), plan);
    assertFalse(plan.contains("Seq Scan"), plan);
  }
}
