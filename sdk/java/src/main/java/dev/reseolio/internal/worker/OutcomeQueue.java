package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Outcomes;
import dev.reseolio.proto.v1.WorkRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Attempts whose outcomes are to be sent, or sent again. One thread takes, any may put; a
/// repetition is harmless.
final class OutcomeQueue {
  private static final int MAX_OUTCOMES = 1_000;
  private static final int MAX_BYTES = 1 << 20;

  private final Queue<Attempt> ready = new ConcurrentLinkedQueue<>();

  void put(Attempt attempt) {
    ready.add(attempt);
  }

  /// Everything finished and not committed: what was sent on a stream that broke may not have
  /// arrived.
  void putAgain(Held held) {
    for (Attempt attempt : held.all()) {
      if (attempt.outcome() != null) {
        ready.add(attempt);
      }
    }
  }

  boolean isEmpty() {
    return ready.isEmpty();
  }

  /// The next message; null when there is nothing to send.
  @Nullable WorkRequest next() {
    WorkRequest.Builder message = null;
    int bytes = 0;
    Attempt attempt;
    while (bytes < MAX_BYTES && (attempt = ready.poll()) != null) {
      Outcome outcome = attempt.outcome();
      if (outcome == null || attempt.isLost()) {
        continue;
      }
      message = message == null ? WorkRequest.newBuilder() : message;
      Outcomes.Builder outcomes = message.getOutcomesBuilder().addOutcomes(outcome);
      bytes =
          outcomes.getOutcomesCount() == MAX_OUTCOMES
              ? MAX_BYTES
              : bytes + outcome.getSerializedSize();
    }
    return message == null ? null : message.build();
  }
}
