package dev.reseolio.bench.app;

import dev.reseolio.Durable1;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioException;
import dev.reseolio.bench.app.Load.Args;
import dev.reseolio.bench.app.Load.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// An application that only calls. Reads what to do, a line each:
/// - `latency FUNCTION N`: round trips, one after the other
/// - `calls N C`: one call for each job, from C callers
/// - `batch N`: all calls at once
/// - `other FUNCTION N`: the same of another function
/// - `rounds FUNCTION N C`: round trips, from C callers
/// - `open RATE SECONDS`: round trips that arrive at fixed times, see [OpenLoop]
/// - `retry`: a round trip, again until it succeeds
/// - `warm`: round trips of negative numbers, which every worker ends
/// - `memory`: the heap in use
public final class Client {
  private final Reseolio reseolio;
  private final Map<String, Durable1<Args, Result>> functions = new HashMap<>();
  private final Durable1<Args, Result> function;

  private Client(Reseolio reseolio) {
    this.reseolio = reseolio;
    function = function(Load.FUNCTION);
  }

  private Durable1<Args, Result> function(String name) {
    return functions.computeIfAbsent(name, this::durable);
  }

  private Durable1<Args, Result> durable(String name) {
    return reseolio.durable(name, Args.class, Result.class, args -> new Result(args.i()));
  }

  public static void main(String[] arguments) throws Exception {
    try (Reseolio reseolio =
        Reseolio.builder().channel(CallsOnly.to(arguments[0])).concurrency(1).start()) {
      Client client = new Client(reseolio);
      System.out.println("ready");
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = in.readLine()) != null; ) {
        client.obey(line.split(" ", -1));
      }
    }
  }

  private void obey(String[] words) throws Exception {
    switch (words[0]) {
      case "latency" -> latency(function(words[1]), number(words, 2));
      case "calls" -> calls(number(words, 1), number(words, 2));
      case "batch" -> batch(function, number(words, 1));
      case "other" -> batch(function(words[1]), number(words, 2));
      case "rounds" -> rounds(function(words[1]), number(words, 2), number(words, 3));
      case "open" -> new OpenLoop(this::roundTrip).run(number(words, 1), number(words, 2));
      case "retry" -> retry();
      case "warm" -> warm();
      case "memory" -> Load.sayMemory();
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private static int number(String[] words, int which) {
    return Integer.parseInt(words[which]);
  }

  private CompletableFuture<Result> roundTrip(int i) {
    return function.callAsync(Load.args(i)).thenCompose(JobHandle::resultAsync);
  }

  private static void rounds(Durable1<Args, Result> function, int jobs, int callers) {
    AtomicInteger next = new AtomicInteger();
    long begin = System.nanoTime();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < callers; c++) {
        pool.execute(() -> {
          for (int i; (i = next.getAndIncrement()) < jobs; ) {
            function.call(Load.args(i)).result();
          }
        });
      }
    }
    System.out.println("rounds " + (System.nanoTime() - begin) / 1e9);
  }

  private void warm() {
    for (int i = -Load.WARM_UP; i < 0; i++) {
      function.call(Load.args(i)).result();
    }
    System.out.println("warm");
  }

  private void retry() {
    while (true) {
      try {
        function.call(Load.args(0)).result();
        System.out.println("retry");
        return;
      } catch (ReseolioException away) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private static void latency(Durable1<Args, Result> function, int jobs) {
    long[] enqueue = new long[jobs];
    long[] roundTrip = new long[jobs];
    for (int i = -Load.WARM_UP; i < jobs; i++) {
      long begin = System.nanoTime();
      JobHandle<Result> job = function.call(Load.args(i));
      long enqueued = System.nanoTime();
      job.result();
      long ended = System.nanoTime();
      if (i >= 0) {
        enqueue[i] = enqueued - begin;
        roundTrip[i] = ended - begin;
      }
    }
    System.out.printf(
        "latency %f %f %f %f%n",
        Load.percentile(enqueue, 0.5),
        Load.percentile(enqueue, 0.99),
        Load.percentile(roundTrip, 0.5),
        Load.percentile(roundTrip, 0.99));
  }

  private void calls(int jobs, int callers) throws Exception {
    AtomicInteger next = new AtomicInteger();
    long begin = System.nanoTime();
    try (ExecutorService pool = Executors.newFixedThreadPool(callers)) {
      List<Future<?>> all = new ArrayList<>();
      for (int c = 0; c < callers; c++) {
        all.add(
            pool.submit(() -> {
              for (int i; (i = next.getAndIncrement()) < jobs; ) {
                function.call(Load.args(i));
              }
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    System.out.println("calls " + (System.nanoTime() - begin) / 1e9);
  }

  private static void batch(Durable1<Args, Result> function, int jobs) {
    long begin = System.nanoTime();
    List<CompletableFuture<?>> all = new ArrayList<>(jobs);
    for (int i = 0; i < jobs; i++) {
      all.add(function.callAsync(Load.args(i)));
    }
    all.forEach(CompletableFuture::join);
    System.out.println("batch " + (System.nanoTime() - begin) / 1e9);
  }
}
