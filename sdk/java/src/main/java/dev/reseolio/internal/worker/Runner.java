package dev.reseolio.internal.worker;

import dev.reseolio.ReseolioException;
import dev.reseolio.internal.Listeners;
import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Payload;
import org.jspecify.annotations.Nullable;

/// Runs the application's code for one attempt, on the calling thread: arguments, handler, result,
/// outcome.
final class Runner {
  private final Payloads payloads;
  private final Listeners listeners;
  private volatile long maxPayloadBytes = Long.MAX_VALUE;

  Runner(Payloads payloads, Listeners listeners) {
    this.payloads = payloads;
    this.listeners = listeners;
  }

  void limitPayloads(long bytes) {
    maxPayloadBytes = bytes > 0 ? bytes : Long.MAX_VALUE;
  }

  /// A handler that returns has done its work, also after it was told to stop.
  Outcome run(Attempt attempt, FunctionDefinition function) {
    if (!attempt.begin()) {
      return stopped(attempt);
    }
    Ambient.enter(attempt);
    try {
      listeners.jobStart(attempt);
      Outcome outcome = succeed(attempt, function);
      listeners.jobSuccess(attempt);
      return outcome;
    } catch (Throwable error) {
      listeners.jobError(attempt, error);
      return attempt.cancelled()
          ? stopped(attempt)
          : OutcomeOf.thrown(attempt, function.options(), error);
    } finally {
      Ambient.leave();
      attempt.end();
    }
  }

  private static Outcome stopped(Attempt attempt) {
    Stop stop = attempt.stopped();
    return OutcomeOf.stopped(attempt, stop == null ? Stop.CLOSING : stop);
  }

  private Outcome succeed(Attempt attempt, FunctionDefinition function) throws Exception {
    Object result = function.code().run(arguments(attempt, function));
    Payload payload = encoded(result);
    int bytes = payload.getData().size();
    return bytes > maxPayloadBytes
        ? OutcomeOf.tooLarge(attempt, bytes, maxPayloadBytes)
        : OutcomeOf.result(attempt, payload);
  }

  private @Nullable Object[] arguments(Attempt attempt, FunctionDefinition function)
      throws OutcomeOf.PayloadMismatch {
    try {
      return payloads.decodeArguments(attempt.run().getArgs(), function.parameters());
    } catch (ReseolioException e) {
      throw new OutcomeOf.PayloadMismatch(e);
    }
  }

  private Payload encoded(@Nullable Object result) throws OutcomeOf.PayloadMismatch {
    try {
      return payloads.encode(result);
    } catch (ReseolioException e) {
      throw new OutcomeOf.PayloadMismatch(e);
    }
  }
}
