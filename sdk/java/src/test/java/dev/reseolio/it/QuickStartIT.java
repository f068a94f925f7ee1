package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.CallOptions;
import dev.reseolio.JobContext;
import dev.reseolio.JobDetails;
import dev.reseolio.JobHandle;
import dev.reseolio.JobStatus;
import dev.reseolio.ReseolioException;
import dev.reseolio.ResultTimeoutException;
import dev.reseolio.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuickStartIT extends SidecarIT {
  record Receipt(String user, double amount, boolean success) {}

  @Test
  void theQuickStart() {
    var charge =
        reseolio.durable(
            unique("charge"),
            String.class,
            Double.class,
            Receipt.class,
            (user, amount) -> new Receipt(user, amount, true),
            attempts(5).timeout(Duration.ofSeconds(5)));
    JobHandle<Receipt> job = charge.call("user_123", 99.0);
    assertEquals(new Receipt("user_123", 99.0, true), job.result(SOON));
    assertEquals(JobStatus.SUCCEEDED, job.status());
  }

  @Test
  void noToFourArguments() {
    assertEquals("0", reseolio.durable(unique("f0"), String.class, () -> "0").call().result(SOON));
    assertEquals(
        "a",
        reseolio.durable(unique("f1"), String.class, String.class, a -> a).call("a").result(SOON));
    assertEquals(
        3,
        reseolio
            .durable(unique("f2"), int.class, int.class, int.class, Integer::sum)
            .call(1, 2)
            .result(SOON));
    assertEquals(
        6,
        reseolio
            .durable(
                unique("f3"), int.class, int.class, int.class, int.class, (a, b, c) -> a + b + c)
            .call(1, 2, 3)
            .result(SOON));
    assertEquals(
        10,
        reseolio
            .durable(
                unique("f4"),
                int.class,
                int.class,
                int.class,
                int.class,
                int.class,
                (a, b, c, d) -> a + b + c + d)
            .call(1, 2, 3, 4)
            .result(SOON));
  }

  @Test
  void genericTypes() {
    var invert =
        reseolio.durable(
            unique("invert"),
            new TypeRef<Map<String, Integer>>() {},
            new TypeRef<Map<Integer, String>>() {},
            in -> Map.of(in.get("one"), "one"));
    assertEquals(Map.of(1, "one"), invert.call(Map.of("one", 1)).result(SOON));
  }

  @Test
  void nothingReturnedIsNull() {
    var none = reseolio.durable(unique("none"), String.class, Void.class, in -> null);
    assertNull(none.call("x").result(SOON));
    assertNull(reseolio.durable(unique("nil"), String.class, () -> null).call().result(SOON));
  }

  @Test
  void theContextKnowsTheJob() {
    var fn =
        reseolio.durable(
            unique("context"),
            new TypeRef<List<String>>() {},
            () -> {
              JobContext job = JobContext.current();
              assertFalse(job.cancelled());
              return List.of(
                  job.jobId(),
                  job.function(),
                  "" + job.attempt(),
                  "" + job.maxAttempts(),
                  job.idempotencyKey().orElse("-"));
            },
            attempts(4));
    JobHandle<List<String>> job = fn.with(CallOptions.key("k1")).call();
    assertEquals(List.of(job.id(), fn.name(), "1", "4", "k1"), job.result(SOON));
  }

  @Test
  void reattachById() {
    var fn =
        reseolio.durable(
            unique("reattach"), String.class, Receipt.class, user -> new Receipt(user, 1, true));
    String id = fn.call("u").id();
    assertEquals(new Receipt("u", 1, true), reseolio.handle(id, Receipt.class).result(SOON));
    assertEquals(
        new Receipt("u", 1, true), reseolio.handle(id, new TypeRef<Receipt>() {}).result());
  }

  @Test
  void anUnknownJobIsSaidToBeUnknown() {
    JobHandle<String> nobody =
        reseolio.handle("01890000-0000-7000-8000-000000000000", String.class);
    assertEquals(
        "job_not_found", assertThrows(ReseolioException.class, () -> nobody.result(SOON)).code());
    assertEquals("job_not_found", assertThrows(ReseolioException.class, nobody::status).code());
  }

  @Test
  void detailsTellTheStory() {
    var fn =
        reseolio.durable(
            unique("details"), String.class, String.class, in -> in + "!", attempts(2));
    JobHandle<String> job =
        fn.with(CallOptions.defaults().tags("a", "b").priority(3).queue("q")).call("hi");
    job.result(SOON);
    JobDetails details = job.details();
    assertEquals(fn.name(), details.function());
    assertEquals(Set.of("a", "b"), Set.copyOf(details.tags()));
    assertEquals("q", details.queue());
    assertEquals(3, details.priority());
    assertEquals("hi", details.arguments(String.class)[0]);
    assertEquals("hi!", details.result(String.class));
    assertEquals(1, details.attempt());
    assertTrue(details.error().isEmpty());
  }

  @Test
  void waitingForAResultCanBeBounded() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    var fn =
        reseolio.durable(
            unique("slow"),
            String.class,
            () -> {
              await(go);
              return "done";
            });
    JobHandle<String> job = fn.call();
    assertThrows(ResultTimeoutException.class, () -> job.result(Duration.ofMillis(50)));
    go.countDown();
    assertEquals("done", job.resultAsync().get(SOON.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void aThousandCallsAtOnce() throws Exception {
    var fn = reseolio.durable(unique("many"), int.class, int.class, in -> in * 2);
    List<CompletableFuture<JobHandle<Integer>>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(fn.callAsync(i));
    }
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      JobHandle<Integer> job = calls.get(i).get(SOON.toSeconds(), TimeUnit.SECONDS);
      ids.add(job.id());
      assertEquals(i * 2, job.result(SOON));
    }
    assertEquals(1_000, ids.size());
  }

  @Test
  void noMoreHandlersRunAtOnceThanAllowed() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(10);
    var fn =
        reseolio.durable(
            unique("bounded"),
            Void.class,
            () -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              full.countDown();
              await(full);
              running.decrementAndGet();
              return null;
            });
    List<JobHandle<Void>> jobs = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      jobs.add(fn.call());
    }
    jobs.forEach(job -> job.result(SOON));
    assertEquals(10, most.get());
  }

  @Test
  void aNameIsRegisteredOnce() {
    String name = unique("twice");
    reseolio.durable(name, String.class, () -> "1");
    ReseolioException e =
        assertThrows(
            ReseolioException.class, () -> reseolio.durable(name, String.class, () -> "2"));
    assertEquals("invalid_argument", e.code());
  }
}
