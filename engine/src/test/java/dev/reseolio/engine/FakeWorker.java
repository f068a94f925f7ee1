package dev.reseolio.engine;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.ReportedStep;
import dev.reseolio.engine.dispatch.Sessions.Attached;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerLink;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A worker without a wire. By default it keeps what it is given until the test answers.
final class FakeWorker implements WorkerLink {
  record Stop(LeaseKey lease, CancelReason reason) {}

  final BlockingQueue<Assignment> runs = new LinkedBlockingQueue<>();
  final BlockingQueue<LeaseKey> committed = new LinkedBlockingQueue<>();
  final BlockingQueue<StepKey> steps = new LinkedBlockingQueue<>();
  final BlockingQueue<Stop> stops = new LinkedBlockingQueue<>();
  final BlockingQueue<LeaseKey> lost = new LinkedBlockingQueue<>();
  final BlockingQueue<String> closings = new LinkedBlockingQueue<>();
  final BlockingQueue<Instant> drains = new LinkedBlockingQueue<>();
  private final Function<Assignment, @Nullable Outcome> handler;
  volatile boolean congested;

  /// What it is sent fails, and nothing else says that the connection is gone.
  volatile boolean broken;

  private @Nullable Attached attached;

  private FakeWorker(Function<Assignment, @Nullable Outcome> handler) {
    this.handler = handler;
  }

  static FakeWorker patient(Engine engine, int credits, String... functions) {
    return answering(engine, credits, run -> null, functions);
  }

  /// Answers on another thread what the handler returns; null: not at all.
  static FakeWorker answering(
      Engine engine,
      int credits,
      Function<Assignment, @Nullable Outcome> handler,
      String... functions) {
    FakeWorker worker = new FakeWorker(handler);
    worker.connect(engine, credits, null, functions);
    return worker;
  }

  private void connect(
      Engine engine, int credits, WorkerHello.@Nullable Resume resume, String... functions) {
    Attached fresh =
        engine.connect(new WorkerHello("w", Arrays.asList(functions), credits, null, resume), this);
    attached = fresh;
    fresh.ready();
  }

  /// The same worker over a new connection.
  FakeWorker resume(Engine engine, int credits, List<LeaseKey> leases, String... functions) {
    FakeWorker again = new FakeWorker(handler);
    again.connect(
        engine, credits, new WorkerHello.Resume(attached().sessionId(), leases), functions);
    return again;
  }

  Attached attached() {
    if (attached == null) {
      throw new IllegalStateException("not connected");
    }
    return attached;
  }

  static Payload text(String text) {
    return new Payload(text.getBytes(StandardCharsets.UTF_8), null);
  }

  static Outcome succeeded(String result) {
    return new Outcome.Succeeded(text(result));
  }

  static Outcome failed(String message) {
    return new Outcome.Failed(JobError.of("Boom", message), true, null);
  }

  void report(Assignment run, Outcome outcome) {
    attached().report(List.of(new Reported(run.lease(), outcome)));
  }

  void record(Assignment run, String key, String result) {
    attached().record(List.of(new ReportedStep(new StepKey(run.lease(), key), text(result))));
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came");
    }
    return next;
  }

  Assignment next() throws InterruptedException {
    return next(runs);
  }

  private void check() {
    if (broken) {
      throw new IllegalStateException("the stream has ended");
    }
  }

  @Override
  public boolean congested() {
    return congested;
  }

  @Override
  public void run(List<Assignment> some) {
    check();
    for (Assignment run : some) {
      runs.add(run);
      Thread.ofVirtual()
          .start(() -> {
            Outcome outcome = handler.apply(run);
            if (outcome != null) {
              report(run, outcome);
            }
          });
    }
  }

  @Override
  public void committed(List<LeaseKey> leases) {
    check();
    committed.addAll(leases);
  }

  @Override
  public void stepsCommitted(List<StepKey> some) {
    check();
    steps.addAll(some);
  }

  @Override
  public void cancel(LeaseKey lease, CancelReason reason, Duration grace) {
    stops.add(new Stop(lease, reason));
  }

  @Override
  public void leaseLost(List<LeaseKey> leases) {
    lost.addAll(leases);
  }

  @Override
  public void drain(Instant deadline) {
    drains.add(deadline);
  }

  @Override
  public void close(String reason) {
    closings.add(reason);
  }
}
