package dev.reseolio.bench.app;

import static dev.reseolio.Steps.step;

import dev.reseolio.Reseolio;
import dev.reseolio.bench.app.Load.Args;
import dev.reseolio.bench.app.Load.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// An application that runs jobs. Arguments: the sidecar's address, how many at once, and perhaps
/// `hold`, to say `start` and never end a job (of a number that is not negative), or `slow`, to run
/// [Load#SLOW] only. Reads `connect`, `disconnect` and `memory`.
public final class Worker {
  private final String address;
  private final int concurrency;
  private final String manner;
  private @Nullable Reseolio reseolio;

  private Worker(String address, int concurrency, String manner) {
    this.address = address;
    this.concurrency = concurrency;
    this.manner = manner;
  }

  public static void main(String[] arguments) throws Exception {
    Worker worker =
        new Worker(
            arguments[0], Integer.parseInt(arguments[1]), arguments.length > 2 ? arguments[2] : "");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      switch (line) {
        case "connect" -> worker.connect();
        case "memory" -> Load.sayMemory();
        default -> worker.disconnect();
      }
    }
  }

  private void connect() {
    Reseolio fresh = Reseolio.builder().address(address).concurrency(concurrency).start();
    reseolio = fresh;
    String function = manner.equals("slow") ? Load.SLOW : Load.FUNCTION;
    fresh.durable(function, Args.class, Result.class, this::handle);
    if (manner.isEmpty()) {
      offerFlow(fresh);
    }
    System.out.println("connected");
  }

  private static void offerFlow(Reseolio reseolio) {
    reseolio.durable(
        Load.FLOW,
        Args.class,
        Result.class,
        args -> {
          for (String name : Load.STEPS) {
            step(name, Result.class, () -> new Result(args.i()));
          }
          return new Result(args.i());
        });
  }

  private Result handle(Args args) throws InterruptedException {
    if (manner.equals("hold") && args.i() >= 0) {
      System.out.println("start " + args.i());
      Thread.sleep(Long.MAX_VALUE);
    } else if (manner.equals("slow")) {
      Thread.sleep(Load.SLOW_MILLIS);
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
