package dev.reseolio.simulation.world;

import dev.reseolio.checker.Event;
import dev.reseolio.engine.Engine;
import dev.reseolio.engine.flush.Enqueued;
import dev.reseolio.engine.job.Backoff;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.simulation.database.Database;
import dev.reseolio.simulation.machine.Host;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/// A caller: creates jobs on any node, waits for some of their ends, cancels some.
final class Client {
  private static final long PATIENCE = 20_000_000_000L;

  private final World world;
  private final String name;
  private final RandomGenerator random;
  private final Host host;
  private int calls;
  private boolean finished;

  Client(World world, String name) {
    this.world = world;
    this.name = name;
    this.random = world.scheduler().split();
    this.host = new Host(name, world.scheduler());
  }

  void start(int jobs) {
    host.start(
        "main",
        () -> {
          for (int i = 0; i < jobs; i++) {
            host.sleep(
                random.nextLong(1_000_000, random.nextInt(3) == 0 ? 3_000_000_000L : 20_000_000));
            create();
          }
          finished = true;
        });
  }

  boolean finished() {
    return finished;
  }

  private void create() {
    NewJob.Labels labels = labels();
    String key = labels.key() == null ? "" : labels.key();
    Optional<Enqueued> created = Optional.empty();
    for (int tries = 0; created.isEmpty() && tries < (key.isEmpty() ? 1 : 4); tries++) {
      String call = name + "-" + calls++;
      boolean lasting = labels.keyTtl().compareTo(Duration.ofMinutes(1)) > 0;
      world.log().add(new Event.Invoked(now(), call, lasting ? key : "", Event.Way.RPC));
      created = enqueue(job(call, labels), call);
    }
    created.ifPresent(job -> host.start("wait", () -> follow(job.id())));
  }

  private long now() {
    return world.scheduler().now();
  }

  private Optional<Enqueued> enqueue(NewJob job, String call) {
    Call<Enqueued> enqueued = new Call<>(world, host);
    Duration timeout = Duration.ofMillis(random.nextLong(200, 8_000));
    enqueued.ask(world.anyNode(), engine -> engine.enqueue(job, timeout), PATIENCE);
    switch (enqueued.answer()) {
      case Call.Answer.Value<Enqueued>(Enqueued done) -> {
        world.log().add(new Event.Accepted(now(), call, done.id().toString()));
        return Optional.of(done);
      }
      case Call.Answer.Failed<Enqueued>(EngineException why) -> {
        boolean unknown = why.reason() == Reason.OUTCOME_UNKNOWN;
        world
            .log()
            .add(
                unknown
                    ? new Event.Unknown(now(), call, why.reason().code())
                    : new Event.Refused(now(), call, why.reason().code()));
      }
      case Call.Answer.Unreached<Enqueued>() ->
          world.log().add(new Event.Refused(now(), call, "unreached"));
      case Call.Answer.None<Enqueued>() ->
          world.log().add(new Event.Unknown(now(), call, "no_answer"));
    }
    host.sleep(random.nextLong(1_000_000, 1_500_000_000));
    return Optional.empty();
  }

  /// A third of the jobs has a key; some keys live for a second only.
  private NewJob.Labels labels() {
    if (random.nextInt(3) > 0) {
      return new NewJob.Labels(null, NewJob.Labels.DEFAULT_KEY_TTL, List.of());
    }
    boolean lasting = random.nextBoolean();
    String key = (lasting ? "k" : "s") + random.nextInt(6);
    Duration ttl = lasting ? Duration.ofDays(1) : Duration.ofSeconds(1);
    return new NewJob.Labels(key, ttl, List.of());
  }

  private NewJob job(String call, NewJob.Labels labels) {
    List<String> functions = world.functions();
    long delay = random.nextInt(5) == 0 ? random.nextLong(10, 4_000) : 0;
    long deadline = random.nextInt(12) == 0 ? delay + random.nextLong(50, 8_000) : 0;
    var due =
        new NewJob.Due(
            delay == 0 ? null : world.server().database().now().plusMillis(delay),
            deadline == 0 ? null : world.server().database().now().plusMillis(deadline));
    Duration backoff = Duration.ofMillis(random.nextLong(1, 800));
    return new NewJob(
        new NewJob.Target(
            functions.get(
                labels.key() == null
                    ? random.nextInt(functions.size())
                    : labels.key().charAt(1) % functions.size()),
            random.nextInt(4) == 0 ? "slow" : Lane.DEFAULT_QUEUE),
        random.nextInt(3) * 4,
        new Payload(call.getBytes(StandardCharsets.UTF_8), null),
        new RunPolicy(
            random.nextInt(1, 5),
            new Backoff(Backoff.Type.FIXED, backoff, 1, backoff, 0.1),
            Duration.ofMillis(random.nextLong(500, 15_000))),
        due,
        new NewJob.Labels(labels.key(), labels.keyTtl(), List.of(call)));
  }

  private void follow(UUID job) {
    if (random.nextInt(10) == 0) {
      host.sleep(random.nextLong(1_000_000, 3_000_000_000L));
      new Call<>(world, host).cancel(world.anyNode(), job);
    }
    boolean answered = random.nextInt(3) == 0;
    while (!answered) {
      Call<JobEnd> end = new Call<>(world, host);
      end.ask(world.anyNode(), engine -> engine.result(job), PATIENCE);
      answered = end.answer() instanceof Call.Answer.Value<JobEnd>(JobEnd seen) && told(seen);
      host.sleep(random.nextLong(10_000_000, 500_000_000));
    }
  }

  private boolean told(JobEnd end) {
    world.log().add(new Event.Answered(now(), end.id().toString(), Database.end(end)));
    return true;
  }

  /// What an engine is asked.
  interface Question<T> {
    CompletableFuture<T> ask(Engine engine);
  }
}
