package dev.reseolio.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.Run;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.WorkRequest;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final Outbox outbox = new Outbox();

  private static Attempt attempt(int number) {
    return new Attempt(
        Run.newBuilder().setLease(PlayedServer.lease("job " + number, number)).build());
  }

  private static Attempt withStep(int number, int bytes) {
    Attempt attempt = attempt(number);
    attempt.finishStep(
        Step.newBuilder()
            .setLease(attempt.run().getLease())
            .setKey("a")
            .setResult(Payload.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
            .build());
    return attempt;
  }

  private WorkRequest next() {
    return Objects.requireNonNull(outbox.next());
  }

  @Test
  void stepsShareMessagesOfBoundedSize() {
    for (int i = 0; i < 1_001; i++) {
      outbox.step(withStep(i, 1));
    }
    assertEquals(1_000, next().getSteps().getStepsCount());
    assertEquals(1, next().getSteps().getStepsCount());
    for (int i = 0; i < 5; i++) {
      outbox.step(withStep(i, 600_000));
    }
    assertEquals(2, next().getSteps().getStepsCount());
    assertEquals(2, next().getSteps().getStepsCount());
    assertEquals(1, next().getSteps().getStepsCount());
    assertNull(outbox.next());
  }

  @Test
  void whatIsLostOrRecordedMeanwhileIsNotSent() {
    Attempt lost = withStep(1, 1);
    Attempt waiting = withStep(2, 1);
    Attempt recorded = withStep(3, 1);
    outbox.step(lost);
    outbox.step(waiting);
    outbox.step(recorded);
    lost.stop(Stop.LOST);
    waiting.recorded("another");
    recorded.recorded("a");
    assertEquals(List.of(waiting.unrecorded()), next().getSteps().getStepsList());
    assertNull(outbox.next());
  }

  @Test
  void afterAReconnectStepsAreSentAgainAndThenOutcomes() {
    Held held = new Held();
    Attempt ended = withStep(1, 1);
    ended.finish(OutcomeOf.release(ended));
    Attempt waiting = withStep(2, 1);
    held.add(ended);
    held.add(waiting);
    held.add(attempt(3));
    outbox.putAgain(held);
    assertEquals(2, next().getSteps().getStepsCount());
    WorkRequest then = next();
    assertEquals(1, then.getOutcomes().getOutcomesCount());
    assertEquals("job 1", then.getOutcomes().getOutcomes(0).getLease().getJobId());
    assertNull(outbox.next());
  }
}
