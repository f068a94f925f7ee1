package dev.reseolio.bench;

import dev.reseolio.Reseolio;
import dev.reseolio.bench.Load.Args;
import dev.reseolio.bench.Load.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// An application that runs jobs. Arguments: the sidecar's address, how many at once, and `hold` to
/// say `start` and never end a job. Reads `connect` and `disconnect`.
public final class Worker {
  private final String address;
  private final int concurrency;
  private final boolean hold;
  private @Nullable Reseolio reseolio;

  private Worker(String address, int concurrency, boolean hold) {
    this.address = address;
    this.concurrency = concurrency;
    this.hold = hold;
  }

  public static void main(String[] arguments) throws Exception {
    Worker worker =
        new Worker(
            arguments[0],
            Integer.parseInt(arguments[1]),
            arguments.length > 2 && arguments[2].equals("hold"));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      if (line.equals("connect")) {
        worker.connect();
      } else {
        worker.disconnect();
      }
    }
  }

  private void connect() {
    Reseolio fresh = Reseolio.builder().address(address).concurrency(concurrency).start();
    reseolio = fresh;
    fresh.durable(Load.FUNCTION, Args.class, Result.class, this::handle);
    System.out.println("connected");
  }

  private Result handle(Args args) throws InterruptedException {
    if (hold) {
      System.out.println("start " + args.i());
      Thread.sleep(Long.MAX_VALUE);
    }
    return new Result(args.i());
  }

  private void disconnect() {
    if (reseolio != null) {
      reseolio.close();
    }
    System.out.println("disconnected");
  }
}
