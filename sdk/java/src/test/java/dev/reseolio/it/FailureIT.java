package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Backoff;
import dev.reseolio.CallOptions;
import dev.reseolio.JobAttempt;
import dev.reseolio.JobCancelledException;
import dev.reseolio.JobContext;
import dev.reseolio.JobFailedException;
import dev.reseolio.JobHandle;
import dev.reseolio.JobStatus;
import dev.reseolio.NonRetryableException;
import dev.reseolio.RetryAfterException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FailureIT extends SidecarIT {

  @Test
  void aFailedAttemptIsRetried() {
    var fn =
        reseolio.durable(
            unique("flaky"),
            String.class,
            () -> {
              if (JobContext.current().attempt() < 3) {
                throw new IllegalStateException("not yet");
              }
              return "third";
            },
            attempts(5));
    JobHandle<String> job = fn.call();
    assertEquals("third", job.result(SOON));
    List<JobAttempt> attempts = job.details().attempts();
    assertTrue(attempts.size() >= 2, attempts.toString());
    assertEquals(JobAttempt.Outcome.FAILED, attempts.get(0).outcome());
    assertEquals("not yet", attempts.get(0).error().orElseThrow().message());
    assertTrue(attempts.get(0).error().orElseThrow().stack().contains("FailureIT"));
  }

  @Test
  void aFunctionThatCallsItsStepsUnderKeysOfItsJobDoesNoneOfThemTwice() {
    List<String> done = new CopyOnWriteArrayList<>();
    var step =
        reseolio.durable(
            unique("step"),
            String.class,
            String.class,
            name -> {
              done.add(name);
              return name + " of " + done.size();
            });
    var flow =
        reseolio.durable(
            unique("flow"),
            String.class,
            () -> {
              JobContext context = JobContext.current();
              StringBuilder results = new StringBuilder();
              for (String name : List.of("charge", "ship", "tell")) {
                String key = context.jobId() + "/" + name;
                results.append(step.with(CallOptions.key(key)).call(name).result(SOON)).append(' ');
                if (name.equals("ship") && context.attempt() == 1) {
                  throw new IllegalStateException("the first attempt ends here");
                }
              }
              return results.toString();
            },
            attempts(2));
    JobHandle<String> job = flow.call();
    assertEquals("charge of 1 ship of 2 tell of 3 ", job.result(SOON));
    assertEquals(List.of("charge", "ship", "tell"), done);
    assertEquals(2, job.details().attempts().size());
  }

  @Test
  void theBackoffGrows() {
    List<Long> starts = new CopyOnWriteArrayList<>();
    var fn =
        reseolio.durable(
            unique("backoff"),
            String.class,
            () -> {
              starts.add(System.nanoTime());
              throw new IllegalStateException("no");
            },
            attempts(4)
                .backoff(
                    Backoff.exponential().initial(Duration.ofMillis(100)).factor(2).jitter(0)));
    assertThrows(JobFailedException.class, () -> fn.call().result(SOON));
    assertEquals(4, starts.size());
    for (int i = 0; i < 3; i++) {
      long millis = (starts.get(i + 1) - starts.get(i)) / 1_000_000;
      assertTrue(millis >= (100L << i) - 5, "delay " + i + " was " + millis + " ms");
    }
  }

  @Test
  void usedUpAttemptsLeaveTheLastError() {
    var fn =
        reseolio.durable(
            unique("hopeless"),
            String.class,
            () -> {
              throw new IllegalStateException("attempt " + JobContext.current().attempt());
            },
            attempts(2));
    JobHandle<String> job = fn.call();
    JobFailedException e = assertThrows(JobFailedException.class, () -> job.result(SOON));
    assertEquals(job.id(), e.jobId());
    assertEquals(2, e.attempts());
    assertEquals("IllegalStateException", e.type());
    assertEquals("attempt 2", e.getMessage());
    assertEquals(JobStatus.DEAD, job.status());
  }

  @Test
  void nonRetryableGoesStraightToDead() {
    var fn =
        reseolio.durable(
            unique("fatal"),
            String.class,
            () -> {
              throw new NonRetryableException("card stolen");
            },
            attempts(5));
    JobFailedException e = assertThrows(JobFailedException.class, () -> fn.call().result(SOON));
    assertEquals(1, e.attempts());
    assertEquals("NonRetryableException", e.type());
  }

  @Test
  void retryIfDecides() {
    var fn =
        reseolio.durable(
            unique("picky"),
            String.class,
            () -> {
              throw JobContext.current().attempt() == 1
                  ? new IOException("again")
                  : new IllegalArgumentException("never");
            },
            attempts(5).retryIf(error -> error instanceof IOException));
    assertEquals(
        2, assertThrows(JobFailedException.class, () -> fn.call().result(SOON)).attempts());
  }

  @Test
  void retryAfterReplacesTheBackoff() {
    var fn =
        reseolio.durable(
            unique("after"),
            int.class,
            () -> {
              if (JobContext.current().attempt() == 1) {
                throw new RetryAfterException(Duration.ofMillis(20));
              }
              return JobContext.current().attempt();
            },
            attempts(3)
                .backoff(Backoff.fixed().initial(Duration.ofHours(1)).max(Duration.ofHours(1))));
    assertEquals(2, fn.call().result(SOON));
  }

  @Test
  void anAttemptThatTakesTooLongIsInterruptedAndRetried() {
    AtomicBoolean interrupted = new AtomicBoolean();
    var fn =
        reseolio.durable(
            unique("stuck"),
            int.class,
            () -> {
              if (JobContext.current().attempt() == 1) {
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  interrupted.set(JobContext.current().cancelled());
                  throw e;
                }
              }
              return JobContext.current().attempt();
            },
            attempts(3).timeout(Duration.ofMillis(200)));
    JobHandle<Integer> job = fn.call();
    assertEquals(2, job.result(SOON));
    assertTrue(interrupted.get());
    JobAttempt first = job.details().attempts().get(0);
    assertEquals("Timeout", first.error().orElseThrow().type());
  }

  @Test
  void theSameKeyIsTheSameJob() {
    AtomicInteger runs = new AtomicInteger();
    var fn =
        reseolio.durable(
            unique("once"), String.class, String.class, in -> in + runs.incrementAndGet());
    JobHandle<String> first = fn.with(CallOptions.key("order-1")).call("a");
    JobHandle<String> second = fn.with(CallOptions.key("order-1")).call("b");
    assertEquals(first.id(), second.id());
    assertEquals("a1", second.result(SOON));
    assertEquals("c2", fn.with(CallOptions.key("order-2")).call("c").result(SOON));
  }

  @Test
  void aDelayedJobIsScheduledAndCanBeCancelled() {
    var fn = reseolio.durable(unique("later"), String.class, () -> "never");
    JobHandle<String> job = fn.with(CallOptions.defaults().delay(Duration.ofHours(1))).call();
    assertEquals(JobStatus.SCHEDULED, job.status());
    assertTrue(job.cancel());
    assertThrows(JobCancelledException.class, () -> job.result(SOON));
    assertEquals(JobStatus.CANCELLED, job.status());
    assertFalse(job.cancel());
  }

  @Test
  void aShortDelayRunsLater() {
    var fn = reseolio.durable(unique("soon"), String.class, () -> "now");
    assertEquals(
        "now", fn.with(CallOptions.defaults().delay(Duration.ofMillis(100))).call().result(SOON));
  }

  @Test
  void aRunningJobIsInterruptedWhenCancelled() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    var fn =
        reseolio.durable(
            unique("cancelme"),
            String.class,
            () -> {
              running.countDown();
              new CountDownLatch(1).await();
              return "never";
            });
    JobHandle<String> job = fn.call();
    await(running);
    assertTrue(job.cancel());
    assertThrows(JobCancelledException.class, () -> job.result(SOON));
  }

  @Test
  void aDeadJobCanBeRetried() {
    AtomicBoolean repaired = new AtomicBoolean();
    var fn =
        reseolio.durable(
            unique("repair"),
            String.class,
            () -> {
              if (!repaired.get()) {
                throw new IllegalStateException("broken");
              }
              return "fixed";
            },
            attempts(1));
    JobHandle<String> job = fn.call();
    assertThrows(JobFailedException.class, () -> job.result(SOON));
    repaired.set(true);
    assertTrue(job.retry());
    assertEquals("fixed", job.result(SOON));
    assertFalse(job.retry());
  }
}
