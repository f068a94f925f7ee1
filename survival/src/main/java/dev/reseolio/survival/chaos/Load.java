package dev.reseolio.survival.chaos;

import dev.reseolio.Backoff;
import dev.reseolio.CallOnly;
import dev.reseolio.CallOptions;
import dev.reseolio.JobHandle;
import dev.reseolio.checker.Event;
import dev.reseolio.checker.Recorder;
import dev.reseolio.survival.Databases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Calls at a steady pace, whatever becomes of them: plain ones, pairs with one key through two
/// sidecars, some whose result is awaited, and some in a transaction of the application.
final class Load implements AutoCloseable {
  private static final int MOST_CLIENTS = 9;
  private static final int MOST_OPEN = 400;
  private static final int SQL_PAUSE_NANOS = 50_000_000;
  private static final CallOptions OPTIONS =
      CallOptions.defaults()
          .maxAttempts(50)
          .timeout(Duration.ofMinutes(2))
          .backoff(Backoff.fixed().initial(Duration.ofMillis(20)));
  private static final String ENQUEUE =
      "SELECT reseolio.enqueue('"
          + ChaosWorker.FUNCTION
          + "', '[\"50\"]', jsonb_build_object('maxAttempts', 50, 'timeoutMs', 120000, 'tags', jsonb_build_array(?)))";

  private final List<CallOnly> clients;
  private final Databases databases;
  private final Recorder recorder;
  private final AtomicLongArray open;
  private final AtomicLong awaited = new AtomicLong();
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentLinkedDeque<Long> accepted = new ConcurrentLinkedDeque<>();
  private final long pauseNanos;
  private final Thread caller = new Thread(this::call, "load");
  private final Thread writer = new Thread(this::write, "load-sql");
  private final SplittableRandom random = new SplittableRandom(1);
  private volatile boolean stopping;

  Load(List<CallOnly> clients, Databases databases, Recorder recorder, int perSecond) {
    this.clients = clients;
    this.databases = databases;
    this.recorder = recorder;
    this.open = new AtomicLongArray(MOST_CLIENTS);
    this.pauseNanos = 1_000_000_000L / perSecond;
  }

  void start() {
    caller.start();
    writer.start();
  }

  /// Accepted calls a second over the last two seconds.
  long rate() {
    long from = System.nanoTime() - 2_000_000_000L;
    for (Long first; (first = accepted.peekFirst()) != null && first - from < 0; ) {
      accepted.pollFirst();
    }
    return accepted.size() / 2;
  }

  /// Calls and results that are waited for.
  long open() {
    long sum = awaited.get();
    for (int i = 0; i < open.length(); i++) {
      sum += open.get(i);
    }
    return sum;
  }

  /// A call of a fault's own, recorded like all others; how it ends is recorded, too.
  CompletableFuture<JobHandle<String>> call(String function, String argument, CallOptions more) {
    return call("own-" + numbers.incrementAndGet(), function, argument, more);
  }

  /// A call through a client that is not the load's own.
  CompletableFuture<JobHandle<String>> callThrough(CallOnly client, String argument) {
    String call = "own-" + numbers.incrementAndGet();
    recorder.add(new Event.Invoked(System.nanoTime(), call, "", Event.Way.RPC));
    return client
        .call(ChaosWorker.FUNCTION, argument, OPTIONS.tags(call))
        .whenComplete((job, failure) -> answered(call, job, failure, false));
  }

  /// A job that ends every worker that runs it.
  CompletableFuture<JobHandle<String>> poison(String way) {
    String call = "poison-" + numbers.incrementAndGet();
    recorder.add(new Event.Poisoned(System.nanoTime(), call));
    return call(call, ChaosWorker.POISON, way, CallOptions.defaults());
  }

  private CompletableFuture<JobHandle<String>> call(
      String call, String function, String argument, CallOptions more) {
    int client = ThreadLocalRandom.current().nextInt(clients.size());
    open.incrementAndGet(client);
    recorder.add(new Event.Invoked(System.nanoTime(), call, "", Event.Way.RPC));
    return clients
        .get(client)
        .call(function, argument, OPTIONS.merge(more).tags(call))
        .whenComplete((job, failure) -> {
          answered(call, job, failure, true);
          open.decrementAndGet(client);
        });
  }

  private void call() {
    long next = System.nanoTime();
    while (!stopping) {
      long number = numbers.incrementAndGet();
      int first = random.nextInt(clients.size());
      if (number % 5 == 0) {
        String key = "key-" + number;
        one(first, number + "a", key);
        one((first + 1) % clients.size(), number + "b", key);
      } else {
        one(first, Long.toString(number), "");
      }
      next = Math.max(next + pauseNanos, System.nanoTime() - 10 * pauseNanos);
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  /// A client whose sidecar does not answer is left alone for a while.
  @SuppressWarnings("FutureReturnValueIgnored") // the answer is recorded
  private void one(int client, String number, String key) {
    if (open.get(client) >= MOST_OPEN) {
      return;
    }
    String call = "call-" + number;
    CallOptions options = key.isEmpty() ? OPTIONS : OPTIONS.idempotencyKey(key);
    boolean await = number.endsWith("7");
    open.incrementAndGet(client);
    recorder.add(new Event.Invoked(System.nanoTime(), call, key, Event.Way.RPC));
    clients
        .get(client)
        .call(ChaosWorker.FUNCTION, Integer.toString(100 + random.nextInt(100)), options.tags(call))
        .whenComplete((job, failure) -> {
          answered(call, job, failure, await);
          open.decrementAndGet(client);
        });
  }

  private void answered(
      String call, @Nullable JobHandle<String> job, @Nullable Throwable failure, boolean await) {
    long now = System.nanoTime();
    if (job != null) {
      recorder.add(new Event.Accepted(now, call, job.id()));
      accepted.add(now);
      if (await) {
        await(job);
      }
    } else {
      String code = Ends.code(failure);
      recorder.add(
          code.equals("outcome_unknown")
              ? new Event.Unknown(now, call, code)
              : new Event.Refused(now, call, code));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the end is recorded
  private void await(JobHandle<String> job) {
    awaited.incrementAndGet();
    job.resultAsync()
        .whenComplete((result, failure) -> {
          String end = Ends.end(result, failure);
          if (!end.isEmpty()) {
            recorder.add(new Event.Answered(System.nanoTime(), job.id(), end));
          }
          awaited.decrementAndGet();
        });
  }

  /// The application's own transactions, on a session of its own.
  private void write() {
    @Nullable Connection session = null;
    while (!stopping) {
      String call = "sql-" + numbers.incrementAndGet();
      recorder.add(new Event.Invoked(System.nanoTime(), call, "", Event.Way.SQL));
      try {
        if (session == null || !session.isValid(2)) {
          session = databases.connect();
          session.setAutoCommit(false);
        }
        write(session, call);
      } catch (SQLException e) {
        recorder.add(new Event.Unknown(System.nanoTime(), call, "sql " + e.getSQLState()));
        close(session);
        session = null;
      }
      LockSupport.parkNanos(SQL_PAUSE_NANOS);
    }
    close(session);
  }

  private void write(Connection session, String call) throws SQLException {
    try (var business = session.prepareStatement("INSERT INTO chaos.business VALUES (?)");
        var enqueue = session.prepareStatement(ENQUEUE)) {
      business.setString(1, call);
      business.executeUpdate();
      enqueue.setString(1, call);
      try (var row = enqueue.executeQuery()) {
        row.next();
        String job = row.getString(1);
        session.commit();
        if (session.getWarnings() == null) {
          recorder.add(new Event.Accepted(System.nanoTime(), call, job));
        }
      }
    }
  }

  private static void close(@Nullable Connection session) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException e) {
      // Gone already.
    }
  }

  /// No more calls; those under way still get their answers.
  @Override
  public void close() {
    stopping = true;
    try {
      caller.join();
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
