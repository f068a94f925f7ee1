package dev.reseolio.survival.chaos;

import dev.reseolio.JobContext;
import dev.reseolio.Reseolio;
import dev.reseolio.Steps;
import dev.reseolio.checker.Event;
import dev.reseolio.checker.Recorder;
import dev.reseolio.survival.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// The Java worker: `ChaosWorker <address> <name> <history>`. Its twin is `worker.mjs`.
final class ChaosWorker {
  static final String FUNCTION = "chaos:work:run";

  /// Ends its process each time it runs; the argument says how: `exit` or `kill`.
  static final String POISON = "chaos:poison:run";

  /// The argument says how: `slow` takes three seconds, `never` does not answer until it is told to
  /// stop, `deaf` does not listen to that either.
  static final String TROUBLE = "chaos:trouble:run";

  static final int CONCURRENCY = 64;
  private static final long DEAF_NANOS = 15_000_000_000L;

  private final String name;
  private final Recorder recorder;

  ChaosWorker(String name, Recorder recorder) {
    this.name = name;
    this.recorder = recorder;
  }

  public static void main(String[] args) throws Exception {
    var worker = new ChaosWorker(args[1], new Recorder(Path.of(args[2])));
    var reseolio = Reseolio.builder().address(args[0]).concurrency(CONCURRENCY).start();
    reseolio.durable(FUNCTION, String.class, String.class, worker::handle);
    reseolio.durable(POISON, String.class, String.class, worker::end);
    reseolio.durable(TROUBLE, String.class, String.class, worker::trouble);
    System.out.println("ready");
    new CountDownLatch(1).await();
  }

  /// Takes so many milliseconds; half of the jobs have a step before and one after. One attempt in
  /// ten fails, whoever runs it.
  String handle(String millis) throws Exception {
    JobContext job = started();
    boolean steps = job.jobId().charAt(35) % 2 == 0;
    try {
      if (steps) {
        step(job, "before");
      }
      Thread.sleep(Long.parseLong(millis));
      if (steps) {
        step(job, "after");
      }
      if ((job.jobId().charAt(35) + job.attempt()) % 10 == 0) {
        throw new IllegalStateException("one attempt in ten fails");
      }
      return name + "/" + job.attempt();
    } finally {
      ended(job);
    }
  }

  private void step(JobContext job, String key) throws Exception {
    String value =
        Steps.step(
            key,
            String.class,
            () -> {
              recorder.add(
                  new Event.StepStarted(System.nanoTime(), job.jobId(), job.attempt(), key));
              return name + "/" + job.attempt();
            });
    recorder.add(new Event.StepGiven(System.nanoTime(), job.jobId(), job.attempt(), key, value));
  }

  private String end(String way) throws InterruptedException {
    started();
    if (way.equals("exit")) {
      Runtime.getRuntime().halt(1);
    }
    Signals.send("KILL", ProcessHandle.current().pid());
    Thread.sleep(Duration.ofMinutes(1));
    throw new IllegalStateException("it survived kill -9");
  }

  private String trouble(String way) throws InterruptedException {
    JobContext job = started();
    try {
      switch (way) {
        case "slow" -> Thread.sleep(3000);
        case "never" -> new CountDownLatch(1).await();
        default -> ignoreInterrupts(DEAF_NANOS);
      }
      return name + "/" + job.attempt();
    } finally {
      ended(job);
    }
  }

  private static void ignoreInterrupts(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left; (left = until - System.nanoTime()) > 0; ) {
      Thread.interrupted();
      LockSupport.parkNanos(left);
    }
  }

  private JobContext started() {
    JobContext job = JobContext.current();
    recorder.add(new Event.Started(System.nanoTime(), job.jobId(), job.attempt(), name));
    return job;
  }

  private void ended(JobContext job) {
    recorder.add(new Event.Ended(System.nanoTime(), job.jobId(), job.attempt(), name));
  }
}
