package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The contract of [Writer] against a real server. After every test the invariants hold.
@Timeout(60)
class PostgresWriterTest {
  private static final StoreFixture DB = new StoreFixture();
  private static int functions;

  private final PostgresNodes nodes = new PostgresNodes(DB.store.connections());
  private final Writer writer = DB.store.openWriter();
  private NodeRef me = new NodeRef(0, UUID.randomUUID());
  private Lane lane = new Lane(0, 0, "", "");

  @BeforeEach
  void join() {
    me = nodes.join("n", "1");
    lane = DB.jobs().lane("f" + ++functions, "default");
  }

  @AfterEach
  void leave() {
    writer.close();
    nodes.close();
    Invariants.check(DB);
  }

  @AfterAll
  static void close() {
    DB.close();
  }

  private FlushReply flush(Flushes flush) {
    return writer.flush(me, flush.build());
  }

  private static JobView find(UUID id) {
    return DB.jobs().find(id).orElseThrow();
  }

  private static JobEnd end(UUID id) {
    return DB.jobs().ends(List.of(id)).getFirst();
  }

  private static String count(String table, UUID id) {
    String column = table.equals("attempt") ? "job" : "id";
    return String.valueOf(
        DB.text("SELECT count(*) FROM %s WHERE %s = '%s'".formatted(table, column, id)));
  }

  private static String rows() {
    return String.valueOf(
        DB.text(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM job), (SELECT count(*) FROM done), (SELECT count(*) FROM ready),
              (SELECT count(*) FROM timer), (SELECT count(*) FROM lease), (SELECT count(*) FROM attempt),
              (SELECT count(*) FROM job_key), (SELECT count(*) FROM deadline),
              (SELECT coalesce(sum(hashtext(r::text)), 0) FROM ready r), (SELECT coalesce(sum(hashtext(l::text)), 0) FROM lease l),
              (SELECT coalesce(sum(hashtext(d::text)), 0) FROM done d))
            """));
  }

  /// A job that this node holds with a row in `lease`.
  private Claimed claimed() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    return flush(new Flushes().claim(lane, 1)).claimed().getFirst();
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
  void emptyArgumentsStayEmpty() {
    UUID id = Flushes.id();
    flush(new Flushes().insert(id, lane, NewJob.of(lane.function(), Payload.EMPTY), false));
    assertEquals(0, flush(new Flushes().claim(lane, 1)).claimed().getFirst().args().size());
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

  private static List<UUID> ids(List<Claimed> jobs) {
    return jobs.stream().map(Claimed::id).toList();
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
  void anEndLeavesNothingButItself() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "42"));
    JobEnd end = end(job.id());
    assertEquals(JobStatus.SUCCEEDED, end.status());
    assertEquals(1, end.attempt());
    assertNotNull(end.result());
    assertEquals("42", StoreFixture.utf8(end.result()));
    assertNull(end.error());
    assertEquals("0", count("lease", job.id()));
  }

  @Test
  void aDeadJobKeepsItsError() {
    UUID id = Flushes.id();
    flush(new Flushes().leased(id, lane));
    flush(new Flushes().end(id, lane, 1, false, Flushes.dead(1)));
    assertEquals(Flushes.BOOM, end(id).error());
    assertEquals(new Progress(1, 1, 0), find(id).progress());
  }

  @Test
  void whoeverCompletesFirstIsRight() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "first"));
    flush(new Flushes().succeed(job, lane, "second"));
    flush(new Flushes().end(job.id(), lane, 1, true, Flushes.dead(1)));
    JobEnd end = end(job.id());
    assertNotNull(end.result());
    assertEquals("first", StoreFixture.utf8(end.result()));
  }

  @Test
  void aRetryAfterTheEndDoesNotBringTheJobBack() {
    Claimed job = claimed();
    flush(new Flushes().succeed(job, lane, "1"));
    flush(new Flushes().end(job.id(), lane, 1, true, Flushes.again(1, null)));
    flush(new Flushes().end(job.id(), lane, 2, true, Flushes.again(2, Instant.now())));
    assertEquals(JobStatus.SUCCEEDED, find(job.id()).status());
    assertEquals("0", count("ready", job.id()));
    assertEquals("0", count("timer", job.id()));
  }

  @Test
  void aRetryWaitsInTimerOrReady() {
    Claimed now = claimed();
    UUID later = Flushes.id();
    Instant at = Instant.parse("2031-01-01T00:00:00Z");
    flush(new Flushes().leased(later, lane));
    flush(
        new Flushes()
            .end(now.id(), lane, 1, true, Flushes.again(1, null))
            .end(later, lane, 1, false, Flushes.again(1, at)));
    assertEquals(JobStatus.PENDING, find(now.id()).status());
    assertEquals(new Progress(2, 1, 0), find(now.id()).progress());
    assertEquals("0", count("lease", now.id()));
    assertEquals(at, find(later).runAt());
    assertEquals(AttemptOutcome.FAILED, find(later).attempts().getFirst().outcome());
    assertEquals(at, find(later).attempts().getFirst().retryAt());
  }

  @Test
  void theSecondExecutionLearnsTheErrorOfTheFirst() {
    Claimed first = claimed();
    flush(new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)));
    Claimed second = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertEquals(new Progress(2, 1, 0), second.progress());
    JobError error = second.lastError();
    assertNotNull(error);
    assertEquals("Boom", error.type());
    assertEquals("it broke", error.message());
    List<Claimed> adopted = flush(new Flushes().adopt()).adopted();
    assertEquals(error, adopted.getFirst().lastError());
    var released = new Decision.Again(AttemptOutcome.RELEASED, second.progress(), null, null);
    flush(new Flushes().end(second.id(), lane, 2, true, released));
    Claimed third = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertNull(third.lastError(), "the attempt before was released, not failed");
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

  @Test
  void theLastExecutionIsAmongTheAttempts() {
    Claimed first = claimed();
    flush(new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)));
    flush(new Flushes().claim(lane, 1));
    flush(new Flushes().end(first.id(), lane, 2, true, Flushes.again(2, null)));
    Claimed third = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    assertEquals(2, find(first.id()).attempts().size());
    flush(new Flushes().succeed(third, lane, "1"));
    List<JobView.Attempt> attempts = find(first.id()).attempts();
    assertEquals(
        List.of(AttemptOutcome.FAILED, AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED),
        attempts.stream().map(JobView.Attempt::outcome).toList());
    JobView.Attempt last = attempts.getLast();
    assertEquals(3, last.number());
    assertEquals(me.id(), last.node());
    assertNotNull(last.startedAt());
    assertNull(last.error());
    assertNull(last.retryAt());
    assertEquals(find(first.id()).finishedAt(), last.endedAt());
  }

  @Test
  void aJobThatNeverRanHasNoAttempt() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    DB.jobs().cancel(id);
    assertEquals(List.of(), find(id).attempts());
  }

  @Test
  void aLongRunnerGetsALease() {
    UUID id = Flushes.id();
    flush(new Flushes().leased(id, lane));
    flush(new Flushes().spill(id, lane, 1));
    assertEquals("1", count("lease", id));
    flush(new Flushes().spill(id, lane, 1));
    assertEquals("1", count("lease", id));
    flush(new Flushes().succeed(id, lane, 1, true, "1"));
    assertEquals("0", count("lease", id));
  }

  @Test
  void aLongRunnerThatEndsInTheFlushThatSpillsItLeavesNoLease() {
    UUID done = Flushes.id();
    UUID again = Flushes.id();
    flush(new Flushes().leased(done, lane).leased(again, lane));
    Flushes both =
        new Flushes()
            .spill(done, lane, 1)
            .spill(again, lane, 1)
            .succeed(done, lane, 1, true, "1")
            .end(again, lane, 1, true, Flushes.again(1, null));
    for (int i = 0; i < 2; i++) {
      flush(both);
      assertEquals("0", count("lease", done));
      assertEquals("0", count("lease", again));
      Invariants.check(DB);
    }
  }

  // Sent twice: what an unknown outcome is resolved by.

  @Test
  void aFlushSentTwiceChangesNothing() {
    UUID runs = Flushes.id();
    UUID spilled = Flushes.id();
    Claimed again = claimed();
    Claimed ends = claimed();
    flush(new Flushes().leased(runs, lane).leased(spilled, lane));
    Flushes all =
        new Flushes()
            .leased(Flushes.id(), lane)
            .ready(Flushes.id(), lane)
            .keyed(Flushes.id(), lane, "twice")
            .insert(
                Flushes.id(),
                lane,
                Flushes.job(
                    lane,
                    1,
                    new NewJob.Due(Instant.now().plusSeconds(60), Instant.now().plusSeconds(90)),
                    null),
                false)
            .spill(spilled, lane, 1)
            .succeed(runs, lane, 1, false, "1")
            .end(again.id(), lane, 1, true, Flushes.again(1, Instant.now().plusSeconds(60)))
            .end(ends.id(), lane, 1, true, Flushes.dead(1));
    FlushReply first = flush(all);
    String after = rows();
    FlushReply second = flush(all);
    assertEquals(after, rows());
    assertEquals(Set.of(), second.inserted());
    assertEquals(4, first.inserted().size());
    assertEquals(first.keyed(), second.keyed());
  }

  @Test
  void aRetrySentAgainDoesNotTakeAwayTheLeaseOfTheNextAttempt() {
    Claimed first = claimed();
    Flushes retry = new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null));
    // The flush that retries may claim the same job at once; its reply is lost.
    Claimed second = writer.flush(me, retry.claim(lane, 1).build()).claimed().getFirst();
    assertEquals(2, second.progress().attempt());
    Flushes sentAgain =
        new Flushes().end(first.id(), lane, 1, true, Flushes.again(1, null)).adopt();
    List<Claimed> adopted = flush(sentAgain).adopted();
    assertEquals(List.of(first.id()), ids(adopted));
    assertEquals("1", count("lease", first.id()));
  }

  @Test
  void anEndSentAgainAfterAnOperatorsRetryDoesNotEndTheNewRound() {
    Claimed job = claimed();
    Flushes dead = new Flushes().end(job.id(), lane, 1, true, Flushes.dead(1));
    flush(dead);
    assertTrue(DB.jobs().retry(job.id()).orElseThrow().accepted());
    flush(dead);
    assertEquals(JobStatus.PENDING, find(job.id()).status());
    Claimed second = flush(new Flushes().claim(lane, 1)).claimed().getFirst();
    flush(dead);
    assertEquals("1", count("lease", job.id()));
    assertEquals("0", count("done", job.id()));
    flush(new Flushes().succeed(second, lane, "1"));
    assertEquals(JobStatus.SUCCEEDED, find(job.id()).status());
  }

  // Keys.

  @Test
  void aKeyNamesOneJob() {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    assertEquals(Map.of(first, first), flush(new Flushes().keyed(first, lane, "k")).keyed());
    FlushReply reply = flush(new Flushes().keyed(second, lane, "k"));
    assertEquals(Map.of(second, first), reply.keyed());
    assertEquals(Set.of(), reply.inserted());
    assertEquals("0", count("job", second));
  }

  @Test
  void aKeyBelongsToItsFunctionWhateverTheQueue() {
    Lane other = DB.jobs().lane("g" + functions, "default");
    Lane slow = DB.jobs().lane(lane.function(), "slow");
    UUID a = Flushes.id();
    UUID b = Flushes.id();
    UUID c = Flushes.id();
    flush(new Flushes().keyed(a, lane, "k").keyed(b, other, "k"));
    assertEquals("1", count("job", a));
    assertEquals("1", count("job", b));
    assertEquals(Map.of(c, a), flush(new Flushes().keyed(c, slow, "k")).keyed());
  }

  @Test
  void anExpiredKeyIsFree() {
    UUID first = Flushes.id();
    UUID second = Flushes.id();
    flush(new Flushes().keyed(first, lane, "k"));
    DB.execute("UPDATE job_key SET expires_at = now() WHERE id = '%s'".formatted(first));
    FlushReply reply = flush(new Flushes().keyed(second, lane, "k"));
    assertEquals(Map.of(second, second), reply.keyed());
    assertEquals(Set.of(second), reply.inserted());
  }

  @Test
  void ofTwoWritersWithTheSameKeysInOppositeOrdersOneWinsEach() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    NodeRef other = nodes(1).getFirst();
    try (Writer second = DB.store.openWriter()) {
      for (int round = 0; round < 20; round++) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          keys.add("r" + round + "k" + i);
        }
        CyclicBarrier both = new CyclicBarrier(2);
        Collections.shuffle(keys, random);
        CompletableFuture<Map<String, UUID>> a = race(writer, me, keys, both);
        CompletableFuture<Map<String, UUID>> b = race(second, other, keys.reversed(), both);
        assertEquals(a.get(), b.get(), "seed " + seed);
        assertEquals(50, new HashSet<>(a.get().values()).size(), "seed " + seed);
      }
    }
    assertEquals("1000", DB.text("SELECT count(*) FROM job WHERE lane = %d".formatted(lane.id())));
  }

  private CompletableFuture<Map<String, UUID>> race(
      Writer on, NodeRef node, List<String> keys, CyclicBarrier start) {
    Map<UUID, String> mine = new java.util.LinkedHashMap<>();
    keys.forEach(key -> mine.put(Flushes.id(), key));
    Flushes flush = new Flushes();
    mine.forEach((id, key) -> flush.keyed(id, lane, key));
    return CompletableFuture.supplyAsync(() -> {
      await(start);
      FlushReply reply = on.flush(node, flush.build());
      Map<String, UUID> holders = new java.util.HashMap<>();
      mine.forEach((id, key) -> holders.put(key, reply.keyed().get(id)));
      mine.forEach(
          (id, key) -> assertEquals(reply.inserted().contains(id), id.equals(holders.get(key))));
      return holders;
    });
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<NodeRef> nodes(int count) {
    List<NodeRef> refs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID token = UUID.randomUUID();
      String id =
          DB.text(
              "INSERT INTO node (token, name, version) VALUES ('%s', 'n', '1') RETURNING id"
                  .formatted(token));
      DB.execute(
          "INSERT INTO node_beat VALUES (%s, 0, id_of(now() - interval '1 minute'))".formatted(id));
      refs.add(new NodeRef(Integer.parseInt(String.valueOf(id)), token));
    }
    return refs;
  }

  // All or nothing.

  private void writesNothing(NodeRef as, StoreException.Kind kind, Flush flush) {
    String before = rows();
    StoreException e = assertThrows(StoreException.class, () -> writer.flush(as, flush));
    assertEquals(kind, e.kind());
    assertEquals(before, rows());
  }

  /// A flush with every part there is.
  private Flushes everything() {
    UUID runs = Flushes.id();
    UUID spilled = Flushes.id();
    Claimed again = claimed();
    flush(new Flushes().leased(runs, lane).leased(spilled, lane).ready(Flushes.id(), lane));
    return new Flushes()
        .succeed(runs, lane, 1, false, "1")
        .end(again.id(), lane, 1, true, Flushes.again(1, null))
        .spill(spilled, lane, 1)
        .ready(Flushes.id(), lane)
        .leased(Flushes.id(), lane)
        .keyed(Flushes.id(), lane, "all")
        .claim(lane, 9)
        .adopt();
  }

  @Test
  void aFencedNodeWritesNothingAtAll() {
    Flushes all = everything();
    flush(everything()); // Prepared by now.
    DB.execute("UPDATE node SET state = 2 WHERE id = %d".formatted(me.id()));
    writesNothing(me, StoreException.Kind.FENCED, all.build());
    writesNothing(me, StoreException.Kind.FENCED, new Flushes().build());
  }

  @Test
  void aNodeWithTheNumberOfAnotherWritesNothingAtAll() {
    Flushes all = everything();
    NodeRef impostor = new NodeRef(me.id(), UUID.randomUUID());
    writesNothing(impostor, StoreException.Kind.FENCED, all.build());
  }

  @Test
  void aBadRowRollsBackTheWholeFlushAndTheNextOneGoesThrough() {
    Flushes all = everything();
    Lane none = new Lane(lane.id(), lane.functionId(), lane.function(), lane.queue());
    NewJob bad = NewJob.of(lane.function(), new Payload(new byte[6 << 10], null));
    DB.execute("ALTER TABLE job ADD CONSTRAINT small CHECK (length(args) < 5000)");
    try {
      all.insert(Flushes.id(), none, bad, false);
      writesNothing(me, StoreException.Kind.REJECTED, all.build());
      writesNothing(me, StoreException.Kind.REJECTED, all.build());
    } finally {
      DB.execute("ALTER TABLE job DROP CONSTRAINT small");
    }
    UUID id = Flushes.id();
    assertEquals(Set.of(id), flush(new Flushes().ready(id, lane)).inserted());
  }

  @Test
  void anIdOutsideThePartitionsIsRejectedNotRetried() {
    UUID ancient = new UUID(0x7000, 0x8000_0000_0000_0000L);
    writesNothing(me, StoreException.Kind.REJECTED, new Flushes().ready(ancient, lane).build());
  }

  @Test
  void aFlushIsOneTransactionHoweverOftenItsShapeWasUsed() {
    for (int i = 0; i < 4; i++) {
      UUID id = Flushes.id();
      UUID keyed = Flushes.id();
      UUID other = Flushes.id();
      flush(new Flushes().leased(other, lane));
      List<Claimed> claimed =
          flush(
                  new Flushes()
                      .succeed(other, lane, 1, false, "x".repeat(5000))
                      .ready(id, lane)
                      .keyed(keyed, lane, "one" + i)
                      .claim(lane, 2)
                      .adopt())
              .claimed();
      assertEquals(2, claimed.size());
      assertEquals(
          "1",
          DB.text(
              """
              SELECT count(DISTINCT x) FROM (
                SELECT xmin::text AS x FROM job WHERE id IN ('%1$s', '%2$s') UNION ALL SELECT xmin::text FROM done WHERE id = '%3$s'
                UNION ALL SELECT xmin::text FROM lease WHERE id IN ('%1$s', '%2$s')) every
              """
                  .formatted(id, keyed, other)));
      flush(
          new Flushes()
              .succeed(claimed.getFirst(), lane, "1")
              .succeed(claimed.getLast(), lane, "1"));
    }
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

  // Broken connections.

  @Test
  void aTerminatedConnectionIsUnavailableOnceAndThenReplaced() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    terminate();
    Flush again = new Flushes().ready(id, lane).build();
    StoreException e = assertThrows(StoreException.class, () -> writer.flush(me, again));
    assertEquals(StoreException.Kind.UNAVAILABLE, e.kind());
    assertEquals(Set.of(), writer.flush(me, again).inserted());
  }

  private void terminate() {
    DB.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(Sessions.name("reseolio", me.id())));
  }

  @Test
  void preparedStatementsThatAPoolerTookAwayAreMadeAnewByTheNextFlush() {
    UUID id = Flushes.id();
    Flush same = new Flushes().ready(id, lane).build();
    writer.flush(me, same);
    DB.execute(FENCE_THAT_FORGETS);
    try {
      StoreException e = assertThrows(StoreException.class, () -> writer.flush(me, same));
      assertEquals(StoreException.Kind.TRANSIENT, e.kind());
    } finally {
      DB.execute(FENCE);
    }
    assertEquals(Set.of(), writer.flush(me, same).inserted());
  }

  private static final String FENCE =
      """
      CREATE OR REPLACE FUNCTION fence(me int, my_token uuid) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM 1 FROM reseolio.node WHERE id = me AND token = my_token AND state = 1 FOR SHARE;
        IF NOT FOUND THEN RAISE EXCEPTION 'node % is fenced', me USING ERRCODE = 'RS001'; END IF;
      END $$
      """;
  private static final String FENCE_THAT_FORGETS =
      FENCE.replace("BEGIN", "BEGIN EXECUTE 'DEALLOCATE ALL';");

  @Test
  void resetFromAnotherThreadUnblocksAFlush() throws Exception {
    try (Connection blocker = DB.application();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("UPDATE reseolio.node SET name = 'x' WHERE id = " + me.id());
      CompletableFuture<StoreException> failed =
          CompletableFuture.supplyAsync(
              () -> assertThrows(StoreException.class, () -> flush(new Flushes())));
      String waiting =
          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '%s'"
              .formatted(Sessions.name("reseolio", me.id()));
      while (!"1".equals(DB.text(waiting))) {
        Thread.onSpinWait();
      }
      writer.reset();
      assertEquals(StoreException.Kind.UNAVAILABLE, failed.get().kind());
      blocker.rollback();
    }
    assertFalse(writer.flush(me, new Flushes().adopt().build()).adopted().size() > 0);
    assertNotEquals(0, me.id());
  }
}
