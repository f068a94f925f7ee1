package dev.reseolio.internal.worker;

import dev.reseolio.internal.Listeners;
import dev.reseolio.proto.v1.Outcome;

/// Runs the application's code for one attempt, on the calling thread: arguments, handler, result,
/// outcome.
final class Runner {
  private final Values values;
  private final Listeners listeners;

  Runner(Values values, Listeners listeners) {
    this.values = values;
    this.listeners = listeners;
  }

  /// A handler that returns has done its work, also after it was told to stop.
  Outcome run(Execution execution, FunctionDefinition function) {
    Attempt attempt = execution.attempt();
    if (!attempt.begin()) {
      return stopped(attempt);
    }
    Ambient.enter(execution);
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
    Object result =
        function.code().run(values.arguments(attempt.run().getArgs(), function.parameters()));
    return OutcomeOf.result(attempt, values.encode("The result", result));
  }
}
