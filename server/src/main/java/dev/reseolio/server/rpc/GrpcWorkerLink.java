package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerLink;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.proto.v1.Cancel;
import dev.reseolio.proto.v1.Committed;
import dev.reseolio.proto.v1.LeaseLost;
import dev.reseolio.proto.v1.Run;
import dev.reseolio.proto.v1.Runs;
import dev.reseolio.proto.v1.ServerDrain;
import dev.reseolio.proto.v1.StepsCommitted;
import dev.reseolio.proto.v1.WorkResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The engine's way to a worker, over its stream.
final class GrpcWorkerLink implements WorkerLink {
  /// Largest message: arguments beyond it go into the next one.
  private static final int MAX_BYTES = 4 << 20;

  private final Engine engine;
  private final Outbox<WorkResponse> outbox;

  GrpcWorkerLink(Engine engine, Outbox<WorkResponse> outbox) {
    this.engine = engine;
    this.outbox = outbox;
  }

  @Override
  public boolean congested() {
    return outbox.full();
  }

  @Override
  public void run(List<Assignment> runs) {
    Runs.Builder message = Runs.newBuilder();
    int bytes = 0;
    for (Assignment one : runs) {
      if (bytes > 0 && bytes + one.job().args().size() > MAX_BYTES) {
        send(message);
        message = Runs.newBuilder();
        bytes = 0;
      }
      bytes += 200 + one.job().args().size();
      message.addRuns(run(one));
    }
    send(message);
  }

  private void send(Runs.Builder message) {
    if (message.getRunsCount() > 0) {
      send(WorkResponse.newBuilder().setRuns(message));
    }
  }

  private void send(WorkResponse.Builder message) {
    if (!outbox.send(message.build())) {
      throw new IllegalStateException("the stream has ended");
    }
  }

  private static Run run(Assignment one) {
    Claimed job = one.job();
    Run.Builder run =
        Run.newBuilder()
            .setLease(Leases.wire(one.lease()))
            .setFunction(one.function())
            .setArgs(Replies.payload(job.args()))
            .setAttemptDeadline(Replies.timestamp(one.deadline()))
            .setTimeout(Replies.duration(job.policy().timeout()))
            .setFailures(job.progress().failures())
            .setMaxAttempts(job.policy().maxAttempts())
            .setCreatedAt(Replies.timestamp(job.createdAt()));
    if (job.key() != null) {
      run.setIdempotencyKey(job.key());
    }
    if (job.lastError() != null) {
      run.setLastError(Replies.error(job.lastError()));
    }
    return run.build();
  }

  @Override
  public void committed(List<LeaseKey> leases) {
    Committed.Builder message = Committed.newBuilder();
    leases.forEach(lease -> message.addLeases(Leases.wire(lease)));
    send(WorkResponse.newBuilder().setCommitted(message));
  }

  @Override
  public void stepsCommitted(List<StepKey> steps) {
    StepsCommitted.Builder message = StepsCommitted.newBuilder();
    steps.forEach(step -> message.addSteps(Leases.wire(step)));
    send(WorkResponse.newBuilder().setStepsCommitted(message));
  }

  @Override
  public void cancel(LeaseKey lease, CancelReason reason, Duration grace) {
    Cancel message =
        Cancel.newBuilder()
            .setLease(Leases.wire(lease))
            .setReason(wire(reason))
            .setGrace(Replies.duration(grace))
            .build();
    send(WorkResponse.newBuilder().setCancel(message));
  }

  private static dev.reseolio.proto.v1.CancelReason wire(CancelReason reason) {
    return switch (reason) {
      case REQUESTED -> dev.reseolio.proto.v1.CancelReason.CANCEL_REASON_REQUESTED;
      case TIMEOUT -> dev.reseolio.proto.v1.CancelReason.CANCEL_REASON_TIMEOUT;
      case DEADLINE -> dev.reseolio.proto.v1.CancelReason.CANCEL_REASON_DEADLINE;
    };
  }

  @Override
  public void leaseLost(List<LeaseKey> leases) {
    LeaseLost.Builder message = LeaseLost.newBuilder();
    leases.forEach(lease -> message.addLeases(Leases.wire(lease)));
    send(WorkResponse.newBuilder().setLeaseLost(message));
  }

  @Override
  public void drain(Instant deadline) {
    send(
        WorkResponse.newBuilder()
            .setDrain(ServerDrain.newBuilder().setDeadline(Replies.timestamp(deadline))));
  }

  @Override
  public void close(String reason) {
    outbox.fail(
        RpcErrors.status(
            engine.ready()
                ? new EngineException(Reason.SHUTTING_DOWN, "the session has ended: " + reason)
                : new EngineException(
                    Reason.SHUTTING_DOWN, "the sidecar is shutting down; connect again")));
  }
}
