package dev.reseolio.survival;

import dev.reseolio.FunctionOptions;
import dev.reseolio.JobContext;
import dev.reseolio.Reseolio;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// A worker process: `WorkerMain <address> <ledger url> <name> <concurrency> <function>…`. The
/// argument of a job says how its handler behaves: `quick`, `slow:<tag>` (until the tag is
/// released), `stubborn:<tag>` (the same, whatever it is told) or `poison` (takes the process
/// down).
final class WorkerMain {
  private static final long LOOK_NANOS = 2_000_000;

  private final Ledger ledger;
  private final String name;

  private WorkerMain(Ledger ledger, String name) {
    this.ledger = ledger;
    this.name = name;
  }

  public static void main(String[] args) throws Exception {
    int concurrency = Integer.parseInt(args[3]);
    var main = new WorkerMain(new Ledger(args[1], args[2], Math.min(concurrency, 8)), args[2]);
    var reseolio = Reseolio.builder().address(args[0]).concurrency(concurrency).start();
    Runtime.getRuntime().addShutdownHook(new Thread(reseolio::close));
    var options = FunctionOptions.defaults().timeout(Duration.ofMinutes(5));
    for (String function : List.of(args).subList(4, args.length)) {
      reseolio.durable(function, String.class, String.class, main::handle, options);
    }
    System.out.println("ready");
    new CountDownLatch(1).await();
  }

  private String handle(String mode) throws InterruptedException {
    JobContext job = JobContext.current();
    ledger.write(job.jobId(), job.attempt(), "start", mode);
    try {
      behave(mode);
    } catch (InterruptedException told) {
      ledger.write(job.jobId(), job.attempt(), "told", mode);
      throw told;
    }
    ledger.write(job.jobId(), job.attempt(), "end", mode);
    return name;
  }

  private void behave(String mode) throws InterruptedException {
    String tag = mode.substring(mode.indexOf(':') + 1);
    switch (mode.substring(0, mode.length() - tag.length())) {
      case "slow:" -> {
        while (!ledger.released(tag)) {
          Thread.sleep(Duration.ofNanos(LOOK_NANOS));
        }
      }
      case "stubborn:" -> {
        while (!ledger.released(tag)) {
          LockSupport.parkNanos(LOOK_NANOS);
          Thread.interrupted(); // else it would not park again, and would keep its carrier busy
        }
      }
      default -> {
        if (mode.equals("poison")) {
          Runtime.getRuntime().halt(9);
        }
      }
    }
  }
}
