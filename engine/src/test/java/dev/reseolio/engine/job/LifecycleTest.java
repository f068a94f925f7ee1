package dev.reseolio.engine.job;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.Lifecycle.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final int BUDGET = 2;
  private static final Backoff TEN_SECONDS =
      new Backoff(Backoff.Type.FIXED, Duration.ofSeconds(10), 1, Duration.ofSeconds(10), 0);
  private static final JobError BOOM = JobError.of("Boom", "it broke");
  private static final Outcome FAILED = new Outcome.Failed(BOOM, true, null);
  private static final Outcome FATAL = new Outcome.Failed(BOOM, false, null);
  private static final Outcome TIMED_OUT = new Outcome.TimedOut(Duration.ofSeconds(3));
  private static final Outcome LOST = new Outcome.WorkerLost("w1");
  private static final Payload RESULT = new Payload(new byte[] {1}, null);

  private final Lifecycle lifecycle = new Lifecycle(BUDGET, new Random(1));

  /// The fourth attempt, one crash behind it, of at most three charged failures.
  private static Situation situation(
      int failures, int crashes, @Nullable Instant deadline, boolean cancel) {
    return new Situation(
        new Progress(4, failures, crashes),
        new RunPolicy(3, TEN_SECONDS, Duration.ofSeconds(3)),
        deadline,
        cancel);
  }

  private Decision.Finish finish(Situation job, Outcome outcome) {
    return assertInstanceOf(Decision.Finish.class, lifecycle.decide(job, outcome, NOW));
  }

  private Decision.Again again(Situation job, Outcome outcome) {
    return assertInstanceOf(Decision.Again.class, lifecycle.decide(job, outcome, NOW));
  }

  @Test
  void successAlwaysWins() {
    for (Situation job :
        List.of(
            situation(0, 0, null, false),
            situation(2, BUDGET, NOW.minusSeconds(1), true),
            situation(0, 0, null, true))) {
      Decision.Finish end = finish(job, new Outcome.Succeeded(RESULT));
      assertEquals(JobStatus.SUCCEEDED, end.status());
      assertEquals(AttemptOutcome.SUCCEEDED, end.outcome());
      assertSame(RESULT, end.result());
      assertNull(end.error());
      assertEquals(job.progress(), end.progress(), "success is charged to nothing");
    }
  }

  @Test
  void aFailureWithAttemptsLeftRunsAgainAfterTheBackoff() {
    for (Outcome outcome : List.of(FAILED, TIMED_OUT)) {
      Decision.Again again = again(situation(1, 1, null, false), outcome);
      assertEquals(new Progress(4, 2, 1), again.progress());
      assertEquals(NOW.plusSeconds(10), again.runAt());
      assertNotNull(again.error());
    }
  }

  @Test
  void theLastFailureBuries() {
    Decision.Finish end = finish(situation(2, 0, null, false), FAILED);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals(AttemptOutcome.FAILED, end.outcome());
    assertEquals(new Progress(4, 3, 0), end.progress());
    assertSame(BOOM, end.error());
    Decision.Finish late = finish(situation(2, 0, null, false), TIMED_OUT);
    assertEquals(AttemptOutcome.TIMED_OUT, late.outcome());
    assertEquals("Timeout", error(late).type());
    assertTrue(error(late).message().contains("3000 ms"));
  }

  @Test
  void aFatalFailureBuriesWhateverIsLeft() {
    Decision.Finish end = finish(situation(0, 0, null, false), FATAL);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals(1, end.progress().failures());
  }

  @Test
  void aRetryThatWouldStartAtOrAfterTheDeadlineIsNotMade() {
    for (Outcome outcome : List.of(FAILED, TIMED_OUT)) {
      assertEquals(
          JobStatus.DEAD,
          finish(situation(0, 0, NOW.plusSeconds(10), false), outcome).status(),
          "exactly at the deadline");
      Instant justAfter = NOW.plusSeconds(10).plusNanos(1);
      assertEquals(NOW.plusSeconds(10), again(situation(0, 0, justAfter, false), outcome).runAt());
    }
  }

  @Test
  void retryAfterReplacesTheBackoff() {
    Outcome soon = new Outcome.Failed(BOOM, true, Duration.ofMillis(5));
    assertEquals(NOW.plusMillis(5), again(situation(0, 0, null, false), soon).runAt());
    assertEquals(JobStatus.DEAD, finish(situation(0, 0, NOW.plusMillis(5), false), soon).status());
  }

  @Test
  void anAbsurdRetryAfterIsBrokenInsteadOfBreakingTheFlush() {
    Outcome never = new Outcome.Failed(BOOM, true, Duration.ofSeconds(Long.MAX_VALUE));
    assertEquals(NOW.plus(Backoff.LIMIT), again(situation(0, 0, null, false), never).runAt());
    Outcome before = new Outcome.Failed(BOOM, true, Duration.ofSeconds(Long.MIN_VALUE));
    assertEquals(NOW, again(situation(0, 0, null, false), before).runAt());
  }

  @Test
  void whatDoesNotSucceedAfterACancellationIsCancelled() {
    for (Outcome outcome :
        List.of(FAILED, FATAL, TIMED_OUT, LOST, new Outcome.Released(), new Outcome.Cancelled())) {
      for (int failures : List.of(0, 2)) {
        for (int crashes : List.of(0, BUDGET)) {
          Situation job = situation(failures, crashes, null, true);
          Decision.Finish end = finish(job, outcome);
          assertEquals(JobStatus.CANCELLED, end.status(), outcome.toString());
          assertEquals(AttemptOutcome.CANCELLED, end.outcome());
          assertEquals(job.progress(), end.progress(), "a cancellation is charged to nothing");
          assertEquals("Cancelled", error(end).type());
        }
      }
    }
  }

  @Test
  void theTotalDeadlineBuries() {
    Decision.Finish end = finish(situation(0, 0, NOW, false), new Outcome.DeadlineExceeded());
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals(AttemptOutcome.TIMED_OUT, end.outcome());
    assertEquals("DeadlineExceeded", error(end).type());
  }

  @Test
  void aLostWorkerIsChargedToTheCrashBudgetOnlyAndRunsAtOnce() {
    Decision.Again again = again(situation(2, 0, null, false), LOST);
    assertEquals(AttemptOutcome.WORKER_LOST, again.outcome());
    assertEquals(new Progress(4, 2, 1), again.progress());
    assertNull(again.runAt());
  }

  /// Of those that a worker takes with it again and again one is the cause.
  @Test
  void jobsThatAreLostTogetherAgainComeBackApart() {
    for (int crashes = 1; crashes < BUDGET; crashes++) {
      long window = Lifecycle.APART.toMillis() << (crashes + 1);
      Set<Instant> times = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        Instant at = requireNonNull(again(situation(0, crashes, null, false), LOST).runAt());
        assertTrue(!at.isBefore(NOW) && at.isBefore(NOW.plusMillis(window)), "at " + at);
        times.add(at);
      }
      assertTrue(times.size() > 10, "each at a time of its own: " + times);
    }
    Instant last = requireNonNull(Lifecycle.apart(30_000, NOW, new Random(1)));
    assertTrue(last.isBefore(NOW.plusSeconds(64)), "bounded: " + last);
  }

  @Test
  void oneCrashOverTheBudgetBuries() {
    Decision.Finish end = finish(situation(0, BUDGET, null, false), LOST);
    assertEquals(JobStatus.DEAD, end.status());
    assertEquals(AttemptOutcome.WORKER_LOST, end.outcome());
    assertEquals(new Progress(4, 0, BUDGET + 1), end.progress());
    assertEquals("CrashBudgetExceeded", error(end).type());
  }

  @Test
  void aReleasedExecutionIsChargedToNothing() {
    Situation job = situation(2, BUDGET, null, false);
    Decision.Again again = again(job, new Outcome.Released());
    assertEquals(AttemptOutcome.RELEASED, again.outcome());
    assertEquals(job.progress(), again.progress());
    assertNull(again.runAt());
    assertNull(again.error());
  }

  private static JobError error(Decision.Finish end) {
    JobError error = end.error();
    assertNotNull(error);
    return error;
  }
}
