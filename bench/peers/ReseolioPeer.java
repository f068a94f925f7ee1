import static dev.reseolio.Steps.step;

import dev.reseolio.Durable1;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.bench.app.CallsOnly;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/// Reseolio in the form of the peers' adapters: client and worker in this process, a sidecar beside
/// it. Variant `c<n>`: n at once. Compiled together with the peers' Bench.java.
class ReseolioPeer extends Bench.A {
  static final String FUNCTION = "bench:jobs:noop";
  static final String FLOW = "bench:jobs:flow";

  record Result(int ok) {}

  private final int concurrency;
  private Process sidecar;
  private String address;
  private Reseolio client;
  private Durable1<Bench.P, Result> function;
  private Durable1<Bench.P, Result> flow;

  ReseolioPeer(String variant) {
    concurrency = Integer.parseInt(variant.substring(1));
    db = "peer_reseolio_java";
    awaitKind = "result";
  }

  @Override
  void setup() throws Exception {
    Bench.freshDb(db);
    ProcessBuilder builder =
        new ProcessBuilder(
                System.getenv("RESEOLIO_BIN"),
                "server",
                "--address",
                "127.0.0.1:0",
                "--http-address",
                "off",
                "--exit-with-parent")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder
        .environment()
        .put(
            "RESEOLIO_STORAGE", "postgres://postgres:x@127.0.0.1:" + Bench.PORT + "/" + db);
    sidecar = builder.start();
    String ready = sidecar.inputReader().readLine();
    address = ready.replaceFirst(".*\"address\":\\s*\"([^\"]+)\".*", "$1");
    client = Reseolio.builder().channel(CallsOnly.to(address)).concurrency(1).start();
    function = client.durable(FUNCTION, Bench.P.class, Result.class, p -> new Result(p.i()));
    flow = client.durable(FLOW, Bench.P.class, Result.class, p -> new Result(p.i()));
  }

  @Override
  AutoCloseable start() {
    Reseolio worker = Reseolio.builder().address(address).concurrency(concurrency).start();
    worker.durable(
        FUNCTION,
        Bench.P.class,
        Result.class,
        p -> {
          Bench.hit(p.i());
          Bench.fin(p.i());
          return new Result(p.i());
        });
    if (mode.startsWith("w4")) {
      offerFlow(worker);
    }
    return worker;
  }

  private static void offerFlow(Reseolio worker) {
    worker.durable(
        FLOW,
        Bench.P.class,
        Result.class,
        p -> {
          Bench.hit(p.i());
          for (String name : List.of("a", "b", "c")) {
            step(name, Result.class, () -> new Result(p.i()));
          }
          Bench.fin(p.i());
          return new Result(p.i());
        });
  }

  @Override
  Object one(int i) {
    return function.call(Bench.payload(i));
  }

  @Override
  Object flow(int i) {
    return flow.call(Bench.payload(i));
  }

  @Override
  boolean hasBulk() {
    return true;
  }

  @Override
  void bulk(int from, int n) {
    IntStream.range(from, from + n)
        .mapToObj(i -> function.callAsync(Bench.payload(i)))
        .toList()
        .forEach(CompletableFuture::join);
  }

  @Override
  boolean hasResult() {
    return true;
  }

  @Override
  void result(Object job) {
    ((JobHandle<?>) job).result();
  }

  @Override
  String pendingSql() {
    return "select (select count(*) from reseolio.job) - (select count(*) from reseolio.done)";
  }

  @Override
  void close() {
    client.close();
    sidecar.destroy();
  }
}
