package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.WorkRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/// Attempts that have something to report, and the messages they share. A step goes before any
/// outcome: of one attempt it came first. One thread takes, any may put; a repetition is harmless.
final class Outbox {
  private static final int MAX_REPORTS = 1_000;
  private static final int MAX_BYTES = 1 << 20;

  private final Queue<Attempt> steps = new ConcurrentLinkedQueue<>();
  private final Queue<Attempt> outcomes = new ConcurrentLinkedQueue<>();

  void step(Attempt attempt) {
    steps.add(attempt);
  }

  void outcome(Attempt attempt) {
    outcomes.add(attempt);
  }

  /// Everything not committed: what was sent on a stream that broke may not have arrived. Attempts
  /// with nothing to report are passed over.
  void putAgain(Held held) {
    steps.addAll(held.all());
    outcomes.addAll(held.all());
  }

  /// The next message; null when there is nothing to send.
  @Nullable WorkRequest next() {
    WorkRequest first = message(steps, Outbox::addStep);
    return first != null ? first : message(outcomes, Outbox::addOutcome);
  }

  private static @Nullable WorkRequest message(
      Queue<Attempt> from, ToIntBiFunction<Attempt, WorkRequest.Builder> add) {
    WorkRequest.Builder message = WorkRequest.newBuilder();
    int reports = 0;
    int bytes = 0;
    Attempt attempt;
    while (reports < MAX_REPORTS && bytes < MAX_BYTES && (attempt = from.poll()) != null) {
      int size = attempt.isLost() ? 0 : add.applyAsInt(attempt, message);
      reports += size > 0 ? 1 : 0;
      bytes += size;
    }
    return reports == 0 ? null : message.build();
  }

  /// Returns its size, 0 when there is none.
  private static int addStep(Attempt attempt, WorkRequest.Builder to) {
    Step step = attempt.unrecorded();
    if (step == null) {
      return 0;
    }
    to.getStepsBuilder().addSteps(step);
    return step.getSerializedSize();
  }

  private static int addOutcome(Attempt attempt, WorkRequest.Builder to) {
    Outcome outcome = attempt.outcome();
    if (outcome == null) {
      return 0;
    }
    to.getOutcomesBuilder().addOutcomes(outcome);
    return outcome.getSerializedSize();
  }
}
