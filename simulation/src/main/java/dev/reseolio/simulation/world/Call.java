package dev.reseolio.simulation.world;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.simulation.machine.Host;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One call of a client to a node: handled on a thread of the node, answered over the network, or
/// not at all.
final class Call<T> {
  private final World world;
  private final Host caller;
  private final RandomGenerator random;
  private @Nullable Answer<T> answer;

  sealed interface Answer<T> {
    record Value<T>(T value) implements Answer<T> {}

    record Failed<T>(EngineException why) implements Answer<T> {}

    /// Nobody was there to be asked.
    record Unreached<T>() implements Answer<T> {}

    /// Nobody knows.
    record None<T>() implements Answer<T> {}
  }

  Call(World world, Host caller) {
    this.world = world;
    this.caller = caller;
    this.random = world.scheduler().split();
  }

  Answer<T> answer() {
    return answer == null ? new Answer.None<>() : answer;
  }

  /// Asks and waits, at most that long or until the node is dead.
  void ask(SimulatedNode node, Client.Question<T> question, long patience) {
    Engine engine = node.engine().orElse(null);
    Host there = node.host();
    if (engine == null) {
      answer = new Answer.Unreached<>();
      return;
    }
    Thread me = Thread.currentThread();
    world.scheduler().after(way(), () -> there.start("call", () -> handle(engine, question, me)));
    long until = world.scheduler().now() + patience;
    while (answer == null && world.scheduler().now() < until && !there.dead()) {
      caller.parkNanos(100_000_000);
    }
  }

  private long way() {
    return random.nextLong(20_000, 400_000);
  }

  private void handle(Engine engine, Client.Question<T> question, Thread me) {
    try {
      var _ =
          question
              .ask(engine)
              .whenComplete((value, failed) ->
                  reply(failed == null ? new Answer.Value<>(value) : failure(failed), me));
    } catch (EngineException refused) {
      reply(new Answer.Failed<>(refused), me);
    }
  }

  private Answer<T> failure(Throwable failed) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    if (cause instanceof EngineException why) {
      return new Answer.Failed<>(why);
    }
    world.scheduler().fail(new AssertionError("a call failed for a reason that is a bug", failed));
    return new Answer.None<>();
  }

  private void reply(Answer<T> said, Thread me) {
    world
        .scheduler()
        .after(
            way(),
            () -> {
              answer = said;
              LockSupport.unpark(me);
            });
  }

  /// Asks to cancel a job; the answer does not matter.
  void cancel(SimulatedNode node, UUID job) {
    ask(
        node,
        engine -> {
          engine.cancel(job);
          return new java.util.concurrent.CompletableFuture<>();
        },
        1_000_000_000);
  }
}
