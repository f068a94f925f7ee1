package dev.reseolio.internal.worker;

import dev.reseolio.ReseolioException;
import dev.reseolio.StepContext;
import dev.reseolio.Steps;
import dev.reseolio.internal.Check;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.Step;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of a handler: its attempt and, one after the other, its steps. Those that earlier
/// executions of the job have recorded are not done again. For the handler's thread only.
public final class Execution {
  private final Attempt attempt;
  private final Values values;
  private final RecordedSteps recorded;
  private final Consumer<Attempt> send;
  private final Map<String, Integer> occurrences = new HashMap<>();
  private @Nullable Map<String, Payload> earlier;
  private @Nullable String running;

  /// @param send sends the attempt's unrecorded step, now or soon, and again until it is recorded
  Execution(Attempt attempt, Values values, RecordedSteps recorded, Consumer<Attempt> send) {
    this.attempt = attempt;
    this.values = values;
    this.recorded = recorded;
    this.send = send;
  }

  Attempt attempt() {
    return attempt;
  }

  /// The step's result as it was recorded, now or by an earlier execution.
  public @Nullable Object step(String name, Type type, Steps.Body<?> body) throws Exception {
    String key = nextKey(name);
    if (earlier == null) {
      earlier = recorded.before(attempt);
    }
    attempt.throwIfStopped();
    Payload known = earlier.remove(key);
    Payload result = known != null ? known : perform(key, type, body);
    return values.decode(result(key), result, type);
  }

  private String nextKey(String name) {
    Check.stepName(name);
    if (running != null) {
      throw new ReseolioException(
          "nested_step",
          "Steps do not nest, but \""
              + name
              + "\" was called by the body of \""
              + running
              + "\"; call it before or after");
    }
    int occurrence = occurrences.merge(name, 1, Integer::sum);
    return occurrence == 1
        ? name
        : Check.text("the key of a step (its name, # and occurrence)", name + "#" + occurrence);
  }

  private Payload perform(String key, Type type, Steps.Body<?> body) throws Exception {
    Object value = run(key, body);
    Step.Builder step = Step.newBuilder().setLease(attempt.run().getLease()).setKey(key);
    if (type != Void.class) {
      step.setResult(values.encode(result(key), value));
    }
    attempt.finishStep(step.build());
    send.accept(attempt);
    attempt.awaitRecorded();
    return step.getResult();
  }

  private @Nullable Object run(String key, Steps.Body<?> body) throws Exception {
    running = key;
    try {
      return body.run(new StepContext(key, attempt.jobId() + "/" + key));
    } finally {
      running = null;
    }
  }

  private static String result(String key) {
    return "The result of step \"" + key + "\"";
  }
}
