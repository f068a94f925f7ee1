package dev.reseolio.server.rpc;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.proto.v1.Complete;
import dev.reseolio.proto.v1.Fail;
import java.time.Duration;

/// What workers report, as the engine's outcomes.
final class Outcomes {
  private static final Duration LONGEST_DELAY = Duration.ofDays(3650);

  private Outcomes() {}

  /// A result over the limit fails the job for good: running it again would give the same.
  static Outcome parse(dev.reseolio.proto.v1.Outcome outcome, int payloadLimit) {
    return switch (outcome.getOutcomeCase()) {
      case COMPLETE -> completed(outcome.getComplete(), payloadLimit);
      case FAIL -> failed(outcome.getFail());
      case RELEASE -> new Outcome.Released();
      case OUTCOME_NOT_SET ->
          new Outcome.Failed(
              JobError.of(
                  "ProtocolError", "the worker reported an outcome this sidecar does not know"),
              true,
              null);
    };
  }

  private static Outcome completed(Complete complete, int payloadLimit) {
    try {
      Payload result = Requests.payload(complete.getResult());
      return result.size() > payloadLimit
          ? tooLarge(result.size(), payloadLimit)
          : new Outcome.Succeeded(result);
    } catch (EngineException unreadable) {
      String why = String.valueOf(unreadable.getMessage());
      return new Outcome.Failed(JobError.of("ProtocolError", why), false, null);
    }
  }

  private static Outcome failed(Fail fail) {
    JobError error =
        new JobError(
            fail.getError().getType(), fail.getError().getMessage(), fail.getError().getStack());
    return new Outcome.Failed(
        error, !fail.getNonRetryable(), fail.hasRetryAfter() ? retryAfter(fail) : null);
  }

  private static Duration retryAfter(Fail fail) {
    Duration asked = Requests.duration("retry_after", fail.getRetryAfter());
    return asked.isNegative()
        ? Duration.ZERO
        : asked.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : asked;
  }

  private static Outcome tooLarge(int size, int limit) {
    return new Outcome.Failed(
        JobError.of(
            "PayloadTooLarge",
            "the result has %d bytes, but the limit is %d; return a reference to the data, or raise max-payload"
                .formatted(size, limit)),
        false,
        null);
  }
}
