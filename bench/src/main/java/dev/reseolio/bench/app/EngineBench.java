package dev.reseolio.bench.app;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.EngineConfig;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.Sessions.Attached;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerLink;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.engine.store.postgres.PostgresUrl;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The engine alone, in a process of its own: no gRPC, a worker that succeeds at once. Reads
/// `latency N`, `calls N C`, `fill N`, `drain N`, `queue N` and `later N` and says what it took.
public final class EngineBench {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CREDITS = 20_000;
  private static final byte[] ARGS =
      "[{\"i\":12345,\"customer\":\"cccccccccccccccccccccccc\",\"note\":\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"}]"
          .getBytes(StandardCharsets.UTF_8);
  private static final Payload RESULT =
      new Payload("{\"ok\":12345}".getBytes(StandardCharsets.UTF_8), null);

  private final Engine engine;
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong firstRun = new AtomicLong();
  private final ExecutorService handlers = Executors.newSingleThreadExecutor();

  private EngineBench(Engine engine) {
    this.engine = engine;
  }

  public static void main(String[] arguments) throws Exception {
    PostgresStore store = PostgresStore.open(PostgresUrl.parse(arguments[0]), "reseolio", 4);
    try (Engine engine = Engine.start(EngineConfig.DEFAULT, store)) {
      EngineBench bench = new EngineBench(engine);
      System.out.println("ready");
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = in.readLine()) != null; ) {
        bench.obey(line.split(" ", -1));
      }
      bench.handlers.shutdown();
    }
  }

  private void obey(String[] words) throws Exception {
    int jobs = Integer.parseInt(words[1]);
    switch (words[0]) {
      case "latency" -> latency(jobs);
      case "calls" -> calls(jobs, Integer.parseInt(words[2]));
      case "fill" -> fill(jobs);
      case "drain" -> drain(jobs);
      case "queue" -> queue(jobs);
      case "later" -> later(jobs);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private Attached connect() {
    Link link = new Link();
    Attached attached =
        engine.connect(new WorkerHello("bench", List.of(Load.FUNCTION), CREDITS, null, null), link);
    link.attached.complete(attached);
    attached.ready();
    return attached;
  }

  private static NewJob job() {
    return NewJob.of(Load.FUNCTION, new Payload(ARGS, null));
  }

  private void latency(int jobs) {
    Attached worker = connect();
    long[] enqueue = new long[jobs];
    long[] roundTrip = new long[jobs];
    for (int i = -Load.WARM_UP; i < jobs; i++) {
      long begin = System.nanoTime();
      UUID id = engine.enqueue(job(), PATIENCE).join().id();
      long enqueued = System.nanoTime();
      engine.result(id).join();
      long ended = System.nanoTime();
      if (i >= 0) {
        enqueue[i] = enqueued - begin;
        roundTrip[i] = ended - begin;
      }
    }
    worker.closed();
    System.out.printf(
        "latency %f %f %f %f%n",
        Load.percentile(enqueue, 0.5),
        Load.percentile(enqueue, 0.99),
        Load.percentile(roundTrip, 0.5),
        Load.percentile(roundTrip, 0.99));
  }

  /// Many callers, each with one job under way, while a worker drains.
  private void calls(int jobs, int callers) throws Exception {
    Attached worker = connect();
    long before = committed.get();
    long begin = System.nanoTime();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < callers; c++) {
        int mine = jobs / callers + (c < jobs % callers ? 1 : 0);
        pool.execute(() -> {
          for (int i = 0; i < mine; i++) {
            engine.enqueue(job(), PATIENCE).join();
          }
        });
      }
      awaitCommitted(before + jobs);
    }
    System.out.println("calls " + (System.nanoTime() - begin) / 1e9);
    worker.closed();
  }

  private void fill(int jobs) {
    System.out.println("fill " + create(jobs, job()));
  }

  /// Seconds until all are committed.
  private double create(int jobs, NewJob job) {
    long begin = System.nanoTime();
    List<CompletableFuture<?>> all = new ArrayList<>(jobs);
    for (int i = 0; i < jobs; i++) {
      all.add(engine.enqueue(job, PATIENCE));
    }
    all.forEach(CompletableFuture::join);
    return (System.nanoTime() - begin) / 1e9;
  }

  /// Jobs that all wait in the queue before they run: what wears the queue out.
  private void queue(int jobs) {
    long begin = System.nanoTime();
    create(jobs, job());
    long before = committed.get();
    Attached worker = connect();
    awaitCommitted(before + jobs);
    worker.closed();
    System.out.println("queue " + (System.nanoTime() - begin) / 1e9);
  }

  /// Jobs that are due tomorrow.
  private void later(int jobs) {
    NewJob now = job();
    NewJob.Due tomorrow = new NewJob.Due(engine.now().plus(Duration.ofDays(1)), null);
    NewJob due =
        new NewJob(now.target(), now.priority(), now.args(), now.policy(), tomorrow, now.labels());
    System.out.println("later " + create(jobs, due));
  }

  private void drain(int jobs) {
    long before = committed.get();
    firstRun.set(0);
    Attached worker = connect();
    awaitCommitted(before + jobs);
    System.out.println("drain " + (System.nanoTime() - firstRun.get()) / 1e9);
    worker.closed();
  }

  private void awaitCommitted(long wanted) {
    while (committed.get() < wanted) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// Succeeds at once, on a thread of its own.
  private final class Link implements WorkerLink {
    final CompletableFuture<Attached> attached = new CompletableFuture<>();

    @Override
    public boolean congested() {
      return false;
    }

    @Override
    public void run(List<Assignment> runs) {
      firstRun.compareAndSet(0, System.nanoTime());
      handlers.execute(() -> attached.join().report(runs.stream().map(Link::succeeded).toList()));
    }

    private static Reported succeeded(Assignment run) {
      return new Reported(run.lease(), new Outcome.Succeeded(RESULT));
    }

    @Override
    public void committed(List<LeaseKey> leases) {
      committed.addAndGet(leases.size());
    }

    @Override
    public void stepsCommitted(List<StepKey> steps) {}

    @Override
    public void cancel(LeaseKey lease, CancelReason reason, Duration grace) {}

    @Override
    public void leaseLost(List<LeaseKey> leases) {
      throw new IllegalStateException("leases lost: " + leases.size());
    }

    @Override
    public void drain(Instant deadline) {}

    @Override
    public void close(String reason) {}
  }
}
