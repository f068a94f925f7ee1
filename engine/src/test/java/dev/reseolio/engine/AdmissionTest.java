package dev.reseolio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.machine.RealMachine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class AdmissionTest {
  private static final Duration NOT_LONG = Duration.ofMillis(20);

  private static Admission admission(int jobs, int bytes) {
    return new Admission(RealMachine.INSTANCE, new EngineConfig.Limits(1 << 20, jobs, bytes));
  }

  private static void refused(Admission admission, int bytes) {
    long start = System.nanoTime();
    EngineException e = assertThrows(EngineException.class, () -> admission.enter(bytes, NOT_LONG));
    assertEquals(Reason.OVERLOADED, e.reason());
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2));
  }

  @Test
  void aJobTooManyIsRefusedAndTheNextOneEntersWhenOneLeaves() {
    Admission admission = admission(2, 1 << 20);
    admission.enter(10, NOT_LONG);
    admission.enter(10, NOT_LONG);
    refused(admission, 10);
    assertEquals(2, admission.inside());
    admission.leave(10);
    admission.enter(10, NOT_LONG);
    assertEquals(2, admission.inside());
  }

  @Test
  void tooManyBytesAreRefusedAndTakeNoPlace() {
    Admission admission = admission(10, 100 << 10);
    admission.enter(90 << 10, NOT_LONG);
    refused(admission, 20 << 10);
    assertEquals(1, admission.inside());
    admission.enter(1, NOT_LONG);
    admission.leave(90 << 10);
    admission.enter(90 << 10, NOT_LONG);
  }

  @Test
  void aJobLargerThanTheQueueEntersAnEmptyOne() {
    Admission admission = admission(10, 64 << 10);
    admission.enter(1 << 20, NOT_LONG);
    refused(admission, 1);
    admission.leave(1 << 20);
    admission.enter(1, NOT_LONG);
  }

  @Test
  void whoeverWaitsEntersWhenThereIsRoom() {
    Admission admission = admission(1, 1 << 20);
    admission.enter(10, NOT_LONG);
    CompletableFuture<Void> second =
        CompletableFuture.runAsync(() -> admission.enter(10, Duration.ofSeconds(8)));
    admission.leave(10);
    second.join();
    assertEquals(1, admission.inside());
  }

  @Test
  void anInterruptedCallerIsRefused() {
    Admission admission = admission(1, 1 << 20);
    admission.enter(10, NOT_LONG);
    Thread.currentThread().interrupt();
    EngineException e =
        assertThrows(EngineException.class, () -> admission.enter(10, Duration.ofSeconds(8)));
    assertEquals(Reason.OVERLOADED, e.reason());
    assertTrue(Thread.interrupted());
  }
}
