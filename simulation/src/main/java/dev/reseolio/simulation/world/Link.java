package dev.reseolio.simulation.world;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.ReportedStep;
import dev.reseolio.engine.dispatch.Sessions.Attached;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerLink;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.StepPage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A connection between a worker and a node, as the edge of the sidecar makes it: what the worker
/// says is handled on a thread of the node, what the engine says on one of the worker.
final class Link implements WorkerLink {
  private static final long NOTICE_NANOS = 2_000_000;
  private static final long MOST_CONGESTED_NANOS = 200_000_000;

  private final World world;
  private final SimulatedNode node;
  private final SimulatedWorker worker;
  private final Wire toNode;
  private final Wire toWorker;
  private final RandomGenerator random;
  private final boolean slow;
  private long congestedUntil;
  private @Nullable Attached attached;

  Link(World world, SimulatedNode node, SimulatedWorker worker) {
    this.world = world;
    this.node = node;
    this.worker = worker;
    toNode = new Wire(node.host(), world.scheduler().split());
    toWorker = new Wire(worker.host(), world.scheduler().split());
    random = world.scheduler().split();
    slow = random.nextInt(3) == 0;
  }

  SimulatedNode node() {
    return node;
  }

  /// Says hello. The worker hears [SimulatedWorker#welcome], or that the link broke.
  void connect(Engine engine, WorkerHello hello) {
    toNode.open("link");
    toWorker.open("link");
    node.linked(this);
    toNode.send(() -> {
      try {
        Attached fresh = engine.connect(hello, this);
        attached = fresh;
        toWorker.send(() -> worker.welcome(this, fresh.sessionId(), fresh.resumed()));
        fresh.ready();
      } catch (EngineException refused) {
        breakOff();
      }
    });
  }

  private void tell(Consumer<Attached> message) {
    toNode.send(() -> {
      try {
        if (attached != null) {
          message.accept(attached);
        }
      } catch (EngineException refused) {
        breakOff();
      }
    });
  }

  void report(List<Reported> outcomes) {
    tell(to -> to.report(outcomes));
  }

  void record(List<ReportedStep> steps) {
    tell(to -> to.record(steps));
  }

  /// Asks, in a call of its own, for the steps that were recorded before. The answer is empty when
  /// the lease is lost; there is none when the node or its database is.
  void recall(Engine engine, String session, LeaseKey lease, Consumer<Optional<StepPage>> answer) {
    toNode.send(() ->
        node.host()
            .start(
                "recall",
                () -> {
                  try {
                    StepPage page = engine.steps(session, lease, "");
                    toWorker.send(() -> answer.accept(Optional.of(page)));
                  } catch (EngineException refused) {
                    if (refused.reason() == Reason.LEASE_LOST) {
                      toWorker.send(() -> answer.accept(Optional.empty()));
                    }
                  }
                }));
  }

  void beat() {
    tell(Attached::beat);
  }

  /// The connection breaks; both sides learn it.
  void breakOff() {
    node.unlinked(this);
    toNode.close(this::nodeLearns, NOTICE_NANOS);
    toWorker.close(() -> worker.broken(this), NOTICE_NANOS);
  }

  private void nodeLearns() {
    if (attached != null) {
      attached.broken();
    }
  }

  void nodeDied() {
    toWorker.close(() -> worker.broken(this), NOTICE_NANOS);
  }

  void workerDied() {
    node.unlinked(this);
    toNode.close(this::nodeLearns, NOTICE_NANOS);
  }

  /// One worker in three is slow to read now and then; who pushes is told when it has read, or has
  /// to look again by itself.
  @Override
  public boolean congested() {
    return world.scheduler().now() < congestedUntil;
  }

  private void congest() {
    if (slow && random.nextInt(10) == 0) {
      long nanos = random.nextLong(MOST_CONGESTED_NANOS);
      congestedUntil = world.scheduler().now() + nanos;
      if (random.nextBoolean()) {
        world.scheduler().after(nanos, () -> tell(Attached::drained));
      }
    }
  }

  @Override
  public void run(List<Assignment> runs) {
    List<Assignment> some = List.copyOf(runs);
    world.pushed(some);
    toWorker.send(() -> some.forEach(one -> worker.run(this, one)));
    congest();
  }

  @Override
  public void committed(List<LeaseKey> leases) {
    toWorker.send(() -> worker.committed(leases));
  }

  @Override
  public void stepsCommitted(List<StepKey> steps) {
    toWorker.send(() -> worker.stepsCommitted(steps));
  }

  @Override
  public void cancel(LeaseKey lease, CancelReason reason, Duration grace) {
    toWorker.send(() -> worker.cancel(lease));
  }

  @Override
  public void leaseLost(List<LeaseKey> leases) {
    List<LeaseKey> some = List.copyOf(leases);
    toWorker.send(() -> worker.leaseLost(some));
  }

  @Override
  public void drain(Instant deadline) {
    toWorker.send(() -> worker.drain(this));
  }

  @Override
  public void close(String reason) {
    node.unlinked(this);
    toWorker.close(() -> worker.broken(this), NOTICE_NANOS);
    toNode.close(() -> {}, NOTICE_NANOS);
  }
}
