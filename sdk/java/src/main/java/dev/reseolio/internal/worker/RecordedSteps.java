package dev.reseolio.internal.worker;

import dev.reseolio.internal.ReconnectDelay;
import dev.reseolio.internal.wire.Errors;
import dev.reseolio.proto.v1.ListStepsRequest;
import dev.reseolio.proto.v1.ListStepsResponse;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Asks the server for the steps that earlier executions of a job have recorded.
final class RecordedSteps {
  private static final long TIMEOUT_SECONDS = 10;

  private final Supplier<@Nullable Channel> channel;
  private final Supplier<String> session;

  /// @param channel to the server; null while there is none
  /// @param session name of the worker's session
  RecordedSteps(Supplier<@Nullable Channel> channel, Supplier<String> session) {
    this.channel = channel;
    this.session = session;
  }

  /// Results by key; the default payload for a step that returned nothing. Waits as long as the
  /// attempt may go on for a server that is away or overloaded.
  Map<String, Payload> before(Attempt attempt) {
    Map<String, Payload> results = new HashMap<>();
    if (attempt.attempt() == 1) {
      return results;
    }
    String after = "";
    do {
      ListStepsResponse page = page(attempt, after);
      page.getStepsList().forEach(step -> results.put(step.getKey(), step.getResult()));
      after = page.getNextAfter();
    } while (!after.isEmpty());
    return results;
  }

  private ListStepsResponse page(Attempt attempt, String after) {
    ReconnectDelay delay = new ReconnectDelay();
    while (true) {
      attempt.throwIfStopped();
      Channel open = channel.get();
      if (open != null) {
        try {
          return WorkerServiceGrpc.newBlockingStub(open)
              .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .listSteps(
                  ListStepsRequest.newBuilder()
                      .setSession(session.get())
                      .setLease(attempt.run().getLease())
                      .setAfter(after)
                      .build());
        } catch (StatusRuntimeException e) {
          attempt.throwIfStopped();
          if (!Errors.passing(e)) {
            throw Errors.of(e);
          }
        }
      }
      pause(delay.nextMillis());
    }
  }

  /// The caller looks at the interrupt.
  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
