package dev.reseolio.survival.chaos;

import dev.reseolio.CallOptions;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.survival.Await;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// An application that comes while everything runs: a function and queues that nobody knew, and
/// calls in all of them, through all sidecars, until it is closed.
final class Newcomer implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = 20_000_000;

  /// A lane is one function in one queue.
  private record Lane(String function, String queue) {}

  private final Cluster cluster;
  private final String function;
  private final List<Lane> lanes;
  private final Reseolio worker;
  private final Map<Lane, AtomicInteger> ends = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final Thread caller = new Thread(this::call, "newcomer");
  private volatile boolean stopping;

  Newcomer(Cluster cluster, String name) {
    this.cluster = cluster;
    this.function = "chaos:newcomer:" + name;
    this.lanes =
        List.of(
            new Lane(function, "default"),
            new Lane(function, "queue-" + name),
            new Lane(ChaosWorker.FUNCTION, "queue-" + name),
            new Lane(ChaosWorker.FUNCTION, "second-" + name));
    lanes.forEach(lane -> ends.put(lane, new AtomicInteger()));
    this.worker =
        Reseolio.builder().address("127.0.0.1:" + cluster.sidecars().getFirst().port()).start();
    var handler = new ChaosWorker("newcomer-" + name, cluster.recorder());
    worker.durable(function, String.class, String.class, handler::handle);
    caller.start();
  }

  int lanes() {
    return lanes.size();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it is recorded
  private void call() {
    for (int i = 0; !stopping; i++) {
      Lane lane = lanes.get(i % lanes.size());
      open.incrementAndGet();
      cluster
          .load()
          .call(lane.function, "20", CallOptions.defaults().queue(lane.queue))
          .whenComplete((job, failure) -> open.decrementAndGet())
          .thenCompose(JobHandle::resultAsync)
          .thenAccept(end -> count(lane).incrementAndGet());
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private AtomicInteger count(Lane lane) {
    return ends.computeIfAbsent(lane, l -> new AtomicInteger());
  }

  /// Until some more jobs of every lane have ended.
  void awaitEnds() {
    Map<Lane, Integer> before = new ConcurrentHashMap<>();
    ends.forEach((lane, count) -> before.put(lane, count.get()));
    Await.until(
        "jobs of all new lanes end",
        SOON,
        () -> lanes.stream().allMatch(l -> count(l).get() >= before.getOrDefault(l, 0) + 5));
  }

  /// Stays until everything that was asked of its function has ended: nobody else runs it.
  @Override
  public void close() throws SQLException {
    stopping = true;
    join();
    String unfinished =
        "SELECT count(*) FROM reseolio.jobs WHERE function = '"
            + function
            + "' AND finished_at IS NULL";
    Await.until("its calls are answered", SOON, () -> open.get() == 0);
    cluster.databases().await("its jobs end", SOON, unfinished, count -> count == 0);
    worker.close();
  }

  private void join() {
    try {
      caller.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
