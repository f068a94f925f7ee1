package dev.reseolio.survival.chaos;

import dev.reseolio.JobContext;
import dev.reseolio.Reseolio;
import dev.reseolio.checker.Event;
import dev.reseolio.checker.Recorder;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// The Java worker: `ChaosWorker <address> <name> <history>`. Its twin is `worker.mjs`.
final class ChaosWorker {
  static final String FUNCTION = "chaos:work:run";
  static final int CONCURRENCY = 64;

  private final String name;
  private final Recorder recorder;

  private ChaosWorker(String name, Recorder recorder) {
    this.name = name;
    this.recorder = recorder;
  }

  public static void main(String[] args) throws Exception {
    var worker = new ChaosWorker(args[1], new Recorder(Path.of(args[2])));
    var reseolio = Reseolio.builder().address(args[0]).concurrency(CONCURRENCY).start();
    reseolio.durable(FUNCTION, String.class, String.class, worker::handle);
    System.out.println("ready");
    new CountDownLatch(1).await();
  }

  /// Takes so many milliseconds. One attempt in ten fails, whoever runs it.
  private String handle(String millis) throws InterruptedException {
    JobContext job = JobContext.current();
    recorder.add(new Event.Started(System.nanoTime(), job.jobId(), job.attempt(), name));
    try {
      Thread.sleep(Long.parseLong(millis));
      if ((job.jobId().charAt(35) + job.attempt()) % 10 == 0) {
        throw new IllegalStateException("one attempt in ten fails");
      }
      return name + "/" + job.attempt();
    } finally {
      recorder.add(new Event.Ended(System.nanoTime(), job.jobId(), job.attempt(), name));
    }
  }
}
