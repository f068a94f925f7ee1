package dev.reseolio.bench;

import dev.reseolio.Durable1;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.bench.Load.Args;
import dev.reseolio.bench.Load.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// An application that only calls. Reads what to do, a line each:
/// - `latency N`: round trips, one after the other
/// - `calls N C`: one call for each job, from C callers
/// - `batch N`: all calls at once
public final class Client {
  private final Durable1<Args, Result> function;

  private Client(Durable1<Args, Result> function) {
    this.function = function;
  }

  public static void main(String[] arguments) throws Exception {
    try (Reseolio reseolio =
        Reseolio.builder().channel(CallsOnly.to(arguments[0])).concurrency(1).start()) {
      Client client =
          new Client(
              reseolio.durable(
                  Load.FUNCTION, Args.class, Result.class, args -> new Result(args.i())));
      System.out.println("ready");
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = in.readLine()) != null; ) {
        client.obey(line.split(" ", -1));
      }
    }
  }

  private void obey(String[] words) throws Exception {
    int jobs = Integer.parseInt(words[1]);
    switch (words[0]) {
      case "latency" -> latency(jobs);
      case "calls" -> calls(jobs, Integer.parseInt(words[2]));
      case "batch" -> batch(jobs);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void latency(int jobs) {
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

  private void batch(int jobs) {
    long begin = System.nanoTime();
    List<CompletableFuture<?>> all = new ArrayList<>(jobs);
    for (int i = 0; i < jobs; i++) {
      all.add(function.callAsync(Load.args(i)));
    }
    all.forEach(CompletableFuture::join);
    System.out.println("batch " + (System.nanoTime() - begin) / 1e9);
  }
}
