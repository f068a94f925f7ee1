package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Sixteen jobs of every status in two functions and two queues, newest last; one page at a time.
class JobListingTest {
  private static final StoreFixture DB = new StoreFixture();
  private static final List<UUID> IDS = new ArrayList<>();
  private static UUID implicit = new UUID(0, 0);

  @AfterAll
  static void close() {
    DB.close();
  }

  @BeforeAll
  static void fill() {
    for (int i = 0; i < 16; i++) {
      UUID id =
          DB.uuid(
              "SELECT enqueue('list:%s', '1'::text, '{\"queue\":\"%s\",\"tags\":[\"t%d\",\"all\"]%s}')"
                  .formatted(
                      i % 2 == 0 ? "even" : "odd",
                      i < 8 ? "first" : "second",
                      i % 4,
                      i % 8 == 1 ? ",\"delayMs\":3600000" : ""));
      IDS.add(id);
      awaitNextMillisecond(id); // Ids made in SQL have no order within one.
      change(i % 8, id);
    }
    implicit = IDS.get(7);
    DB.execute("INSERT INTO node (token, name, version) VALUES (gen_random_uuid(), 'n', '1')");
    DB.execute("INSERT INTO node_beat SELECT id, 1, '%s', '{}' FROM node".formatted(implicit));
    DB.execute("DELETE FROM ready WHERE id = '%s'".formatted(implicit));
    DB.execute("UPDATE job SET owner = 1 WHERE id = '%s'".formatted(implicit));
  }

  private static void awaitNextMillisecond(UUID id) {
    while (!Instant.now().isAfter(Ids.timeOf(id).plusMillis(1))) {
      Thread.onSpinWait();
    }
  }

  /// By number: 0 and 7 pending, 1 scheduled, 2 running, 3 succeeded, 4 dead, 5 and 6 cancelled.
  private static void change(int kind, UUID id) {
    switch (kind) {
      case 2 -> DB.claim(id, 1);
      case 3 -> {
        DB.claim(id, 1);
        DB.succeed(id);
      }
      case 4 -> {
        DB.claim(id, 1);
        DB.bury(id);
      }
      case 5, 6 -> DB.jobs().cancel(id);
      default -> {}
    }
  }

  private static JobFilter filter(Set<JobStatus> statuses, int size, @Nullable UUID before) {
    return new JobFilter(statuses, null, null, null, null, null, before, size);
  }

  private static List<UUID> ids(JobPage page) {
    return page.jobs().stream().map(JobView::id).toList();
  }

  private static List<UUID> expected(Integer... kinds) {
    List<UUID> ids = new ArrayList<>();
    for (int i = 15; i >= 0; i--) {
      if (List.of(kinds).contains(i % 8)) {
        ids.add(IDS.get(i));
      }
    }
    return ids;
  }

  @Test
  void pagesFollowEachOther() {
    List<UUID> seen = new ArrayList<>();
    UUID before = null;
    do {
      JobPage page = DB.jobs().list(filter(Set.of(), 5, before));
      seen.addAll(ids(page));
      before = page.next();
    } while (before != null);
    List<UUID> newestFirst = new ArrayList<>(IDS);
    Collections.reverse(newestFirst);
    assertEquals(newestFirst, seen);
  }

  @Test
  void rowsCarryNoUserData() {
    for (JobView view : DB.jobs().list(filter(Set.of(), 100, null)).jobs()) {
      assertEquals(Payload.EMPTY, view.job().args());
      assertTrue(view.attempts().isEmpty());
      assertEquals(view.status().terminal(), view.end() != null);
    }
  }

  @Test
  void everyWayInFindsItsStatuses() {
    check(expected(4), JobStatus.DEAD);
    check(expected(5, 6), JobStatus.CANCELLED);
    check(expected(4, 5, 6), JobStatus.DEAD, JobStatus.CANCELLED);
    check(expected(1), JobStatus.SCHEDULED);
    check(expected(3), JobStatus.SUCCEEDED);
    check(expected(3, 4), JobStatus.SUCCEEDED, JobStatus.DEAD);
    List<UUID> pending = expected(0, 7);
    pending.remove(implicit);
    check(pending, JobStatus.PENDING);
    List<UUID> running = expected(2);
    running.add(1, implicit);
    check(running, JobStatus.RUNNING);
  }

  private static void check(List<UUID> expected, JobStatus... statuses) {
    JobPage page = DB.jobs().list(filter(Set.of(statuses), 100, null));
    assertEquals(expected, ids(page), () -> List.of(statuses).toString());
    assertNull(page.next());
    JobPage first = DB.jobs().list(filter(Set.of(statuses), 1, null));
    assertEquals(expected.subList(0, 1), ids(first));
    List<UUID> rest = ids(DB.jobs().list(filter(Set.of(statuses), 100, first.next())));
    if (expected.size() > 1) {
      assertEquals(expected.subList(1, expected.size()), rest);
    }
  }

  private static List<UUID> search(
      @Nullable String function, @Nullable String queue, @Nullable String tag) {
    return ids(
        DB.jobs().list(new JobFilter(Set.of(), function, queue, tag, null, null, null, 100)));
  }

  @Test
  void byFunctionQueueAndTag() {
    assertEquals(expected(0, 2, 4, 6), search("list:even", null, null));
    assertEquals(expected(0, 2, 4, 6).subList(4, 8), search("list:even", "first", null));
    assertEquals(8, search(null, "second", null).size());
    assertEquals(expected(3, 7), search(null, null, "t3"));
    assertEquals(expected(3, 7), search("list:odd", null, "t3"));
    assertEquals(16, search(null, null, "all").size());
    assertEquals(List.of(), search("list:odd", null, "t2"));
    assertEquals(List.of(), search("no:such", null, null));
  }

  @Test
  void byTime() {
    Instant middle = Ids.timeOf(IDS.get(8));
    List<UUID> after =
        ids(DB.jobs().list(new JobFilter(Set.of(), null, null, null, middle, null, null, 100)));
    List<UUID> before =
        ids(DB.jobs().list(new JobFilter(Set.of(), null, null, null, null, middle, null, 100)));
    assertTrue(after.contains(IDS.get(8)));
    assertFalse(before.contains(IDS.get(8)));
    assertEquals(16, after.size() + before.size());
  }
}
