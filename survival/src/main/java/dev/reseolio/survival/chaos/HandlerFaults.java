package dev.reseolio.survival.chaos;

import dev.reseolio.CallOptions;
import dev.reseolio.JobHandle;
import dev.reseolio.survival.Await;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/// Jobs that are bad for the worker that runs them.
final class HandlerFaults {
  static final Map<String, Fault> ALL =
      Map.of(
          "job-ends-its-worker",
          (c, a, r) -> poison(c, a, "exit"),
          "job-kills-its-worker",
          (c, a, r) -> poison(c, a, "kill"),
          "handlers-never-answer",
          HandlerFaults::neverAnswer,
          "handlers-ignore-cancel",
          HandlerFaults::ignoreCancel);

  private static final Duration SOON = Duration.ofSeconds(60);

  /// A timeout of one second, one for the handler to stop, and some for a busy machine.
  private static final Duration CUT_OFF = Duration.ofSeconds(10);

  private static final CallOptions IMPATIENT =
      CallOptions.defaults().timeout(Duration.ofSeconds(1)).maxAttempts(1);

  private HandlerFaults() {}

  /// Whatever supervises the workers starts them again, until the job has used up its budget.
  private static void poison(Cluster cluster, Act act, String way) throws IOException {
    act.inject("whoever runs it");
    long before = cluster.workers().stream().mapToInt(Worker::starts).sum();
    CompletableFuture<String> end = cluster.load().poison(way).join().resultAsync();
    Await.until(
        "the job is dead",
        SOON,
        () -> {
          cluster.revive();
          return end.isDone();
        });
    cluster.revive();
    long deaths = cluster.workers().stream().mapToInt(Worker::starts).sum() - before;
    if (deaths > 0) {
      act.landed("the job is dead after " + deaths + " workers");
    }
  }

  /// Some slots are taken by handlers that never answer; the others go on.
  private static void neverAnswer(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("a third of all slots");
    int count = cluster.workers().size() * ChaosWorker.CONCURRENCY / 3;
    List<CompletableFuture<String>> stuck = call(cluster, "never", count, IMPATIENT);
    List<CompletableFuture<String>> slow = call(cluster, "slow", 10, CallOptions.defaults());
    String ended = endsFromNowOn(cluster);
    Await.during(Duration.ofSeconds(1), () -> {});
    long beside = cluster.databases().one(ended);
    awaitTimeouts(stuck);
    act.landed(count + " were cut off, " + beside + " other jobs ended beside them in a second");
    CompletableFuture.allOf(slow.toArray(CompletableFuture[]::new)).join();
    if (beside == 0) {
      throw new AssertionError("no job ended beside handlers that do not answer");
    }
  }

  /// All slots are taken, and their handlers run on after they were told to stop.
  private static void ignoreCancel(Cluster cluster, Act act, SplittableRandom random)
      throws SQLException {
    act.inject("all slots");
    int count = cluster.workers().size() * ChaosWorker.CONCURRENCY;
    awaitTimeouts(call(cluster, "deaf", count, IMPATIENT));
    long since = System.nanoTime();
    act.landed(count + " were cut off and still run");
    cluster
        .databases()
        .await("others run in their slots", CUT_OFF, endsFromNowOn(cluster), ended -> ended > 0);
    act.recovered(since);
  }

  private static List<CompletableFuture<String>> call(
      Cluster cluster, String trouble, int count, CallOptions options) {
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ends.add(
          cluster
              .load()
              .call(ChaosWorker.TROUBLE, trouble, options)
              .thenCompose(JobHandle::resultAsync));
    }
    return ends;
  }

  /// The sidecar ends them, whatever the handlers do.
  private static void awaitTimeouts(List<CompletableFuture<String>> stuck) {
    Await.until(
        "they are cut off",
        CUT_OFF,
        () -> stuck.stream().allMatch(CompletableFuture::isCompletedExceptionally));
    for (CompletableFuture<String> one : stuck) {
      String end = Ends.end(null, one.exceptionNow());
      if (!end.equals("dead:Timeout")) {
        throw new AssertionError("expected the end dead:Timeout, but came: " + end);
      }
    }
  }

  private static String endsFromNowOn(Cluster cluster) throws SQLException {
    return Audit.countSince(
        Audit.last(cluster.databases()), "tab = 'DONE' AND info LIKE 'succeeded:%'");
  }
}
