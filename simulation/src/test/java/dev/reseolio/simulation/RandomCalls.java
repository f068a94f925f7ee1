package dev.reseolio.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.engine.store.Store;
import dev.reseolio.engine.store.Writer;
import dev.reseolio.simulation.database.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Draws calls that go to both stores.
final class RandomCalls implements AutoCloseable {
  private final SplittableRandom random;
  private final Store real;
  private final Nodes realNodes;
  private final Database simulated;
  private final Writer writer;
  private final List<NodeRef> nodes = new ArrayList<>();
  private final List<UUID> jobs = new ArrayList<>();
  private final RandomFlush flushes;
  private @Nullable Flush last;

  /// One call to both.
  record Pair(String what, Supplier<String> real, Supplier<String> simulated) {}

  RandomCalls(long seed, Store real, Nodes realNodes, Database simulated) {
    this.random = new SplittableRandom(seed);
    this.real = real;
    this.realNodes = realNodes;
    this.simulated = simulated;
    this.writer = real.openWriter();
    List<Lane> lanes = new ArrayList<>();
    for (String queue : List.of("default", "slow")) {
      for (String function : List.of("f", "g")) {
        lanes.add(real.jobs().lane(function, queue));
        simulated.lane(function, queue);
      }
    }
    this.flushes = new RandomFlush(random, lanes, simulated, jobs);
    join();
    join();
  }

  private void join() {
    NodeRef node = realNodes.join("n", "1");
    simulated.nextNode();
    simulated.register(node);
    nodes.add(node);
  }

  private NodeRef node() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private UUID job() {
    return jobs.isEmpty() ? new UUID(1, 1) : jobs.get(random.nextInt(jobs.size()));
  }

  /// One that a node holds; any, if it holds none.
  private UUID running() {
    List<UUID> held = simulated.held(node().id()).stream().map(Database.Held::id).sorted().toList();
    return held.isEmpty() ? job() : held.get(random.nextInt(held.size()));
  }

  Pair next() {
    return switch (random.nextInt(20)) {
      case 0 ->
          pair(
              "promote",
              () -> text(real.backlog().promote(1000).laneIds()),
              () -> text(simulated.promote(1000).laneIds()));
      case 1 -> cancel(job());
      case 2 -> cancel(running());
      case 3, 4 -> retry(job());
      case 5 ->
          pair(
              "settle cancel requests",
              () -> text(real.backlog().settleCancelRequests()),
              () -> text(simulated.settleCancelRequests()));
      case 6 ->
          pair(
              "expire",
              () -> text(real.backlog().expireDeadlines(1000)),
              () -> text(simulated.expireDeadlines(1000)));
      case 7 -> random.nextInt(4) == 0 ? takeOver(node(), node()) : beat(node());
      case 8 -> random.nextBoolean() ? sweep(node()) : steps(job());
      case 9 -> last == null ? flush(node(), flushes.next(node())) : again(node(), last);
      default -> {
        NodeRef by = node();
        yield flush(by, flushes.next(by));
      }
    };
  }

  private static Pair pair(String what, Supplier<String> real, Supplier<String> simulated) {
    return new Pair(what, real, simulated);
  }

  private static String text(Collection<?> some) {
    return some.stream().map(Object::toString).sorted().toList().toString();
  }

  private Pair cancel(UUID id) {
    return pair(
        "cancel " + id,
        () -> real.jobs().cancel(id).toString(),
        () -> simulated.cancel(id).toString());
  }

  private Pair retry(UUID id) {
    return pair(
        "retry " + id,
        () -> real.jobs().retry(id).toString(),
        () -> simulated.retry(id).toString());
  }

  private Pair beat(NodeRef by) {
    UUID low =
        simulated.held(by.id()).stream()
            .filter(held -> !held.explicit())
            .map(Database.Held::id)
            .min(UUID::compareTo)
            .orElse(Ids.floor(Instant.now()));
    return pair(
        "beat " + by,
        () -> {
          realNodes.beat(by, 1, low, new int[] {1});
          return "";
        },
        () -> {
          simulated.beat(by, 1, low, List.of(1));
          return "";
        });
  }

  private Pair takeOver(NodeRef by, NodeRef victim) {
    int budget = random.nextInt(3);
    join();
    return pair(
        "take over " + victim,
        () -> "" + realNodes.takeOver(by, victim.id(), budget),
        () -> "" + simulated.takeOver(victim.id(), budget));
  }

  private Pair steps(UUID id) {
    return pair(
        "steps of " + id,
        () -> text(real.jobs().steps(id, "")),
        () -> text(simulated.steps(id, "")));
  }

  private static String text(StepPage page) {
    return text(
        page.steps().stream()
            .map(s -> s.key() + "=" + new String(s.result().data(), UTF_8) + s.result().type())
            .toList());
  }

  private Pair sweep(NodeRef by) {
    return pair("sweep", () -> "" + realNodes.sweepFenced(by, 5), () -> "" + simulated.sweep(5));
  }

  private Pair again(NodeRef by, Flush flush) {
    Flush repeated =
        new Flush(
            flush.endings(),
            flush.steps(),
            flush.spills(),
            flush.inserts(),
            null,
            flush.adopt(),
            random.nextBoolean());
    return flush(by, repeated);
  }

  private Pair flush(NodeRef by, Flush flush) {
    last = flush;
    return pair(
        by + " " + flush,
        () -> text(writer.flush(by, flush)),
        () ->
            text(
                flush.repeated()
                    ? simulated.flush(by, flush)
                    : simulated
                        .flushUnguarded(by, flush)
                        .orElseGet(() -> simulated.flush(by, flush))));
  }

  private static String text(FlushReply reply) {
    return "inserted %s keyed %s claimed %s adopted %s"
        .formatted(
            text(reply.inserted()),
            text(reply.keyed().entrySet()),
            text(reply.claimed().stream().map(RandomCalls::text).toList()),
            text(reply.adopted().stream().map(RandomCalls::text).toList()));
  }

  private static String text(FlushReply.Claimed job) {
    return "%s %d %s %s %s %s"
        .formatted(
            job.id(), job.laneId(), job.progress(), job.policy(), job.key(), job.lastError());
  }

  @Override
  public void close() {
    writer.close();
  }
}
