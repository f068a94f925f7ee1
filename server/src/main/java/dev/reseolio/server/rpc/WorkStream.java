package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.dispatch.Reported;
import dev.reseolio.engine.dispatch.ReportedStep;
import dev.reseolio.engine.dispatch.Sessions.Attached;
import dev.reseolio.engine.dispatch.WorkerHello;
import dev.reseolio.engine.dispatch.WorkerProcess;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.Text;
import dev.reseolio.proto.v1.Function;
import dev.reseolio.proto.v1.Hello;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.Welcome;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.server.access.Caller;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One worker's stream. The first message introduces the worker; everything after it goes to its
/// session.
final class WorkStream implements StreamObserver<WorkRequest> {
  private static final int PROTOCOL = 1;

  /// A worker that reads no more than this behind is pushed to.
  private static final int UNREAD_BYTES = 1 << 20;

  /// The answer to a worker that comes back with more may name them all, as lost.
  private static final int MANY_LEASES = 50;

  private static final int MANY_STEPS = 10_000;

  private final Engine engine;
  private final Caller caller;
  private final Outbox<WorkResponse> outbox;
  private volatile @Nullable Attached session;

  WorkStream(Engine engine, Caller caller, StreamObserver<WorkResponse> reply) {
    this.engine = engine;
    this.caller = caller;
    this.outbox = new Outbox<>(reply);
    outbox.bound(UNREAD_BYTES, this::roomAgain);
  }

  private void roomAgain() {
    Attached worker = session;
    if (worker != null) {
      worker.drained();
    }
  }

  @Override
  public void onNext(WorkRequest request) {
    try {
      if (session == null) {
        hello(request);
      } else {
        serve(session, request);
      }
    } catch (RuntimeException refused) {
      // The handlers run on: the worker may come back for its session, as after any broken stream.
      outbox.fail(RpcErrors.status(refused));
      onError(refused);
    }
  }

  private void hello(WorkRequest request) {
    if (!request.hasHello()) {
      throw EngineException.invalid(
          "hello", "the first message of a worker's stream must be Hello");
    }
    Hello hello = request.getHello();
    if (hello.getProtocolMin() > PROTOCOL || hello.getProtocolMax() < PROTOCOL) {
      throw EngineException.invalid(
          "protocol_min",
          "this sidecar speaks protocol %d, the worker %d to %d; bring both to the same release"
              .formatted(PROTOCOL, hello.getProtocolMin(), hello.getProtocolMax()));
    }
    if (hello.getResume().getLeasesCount() > MANY_LEASES && outbox.full()) {
      throw new EngineException(
          Reason.OVERLOADED,
          "other workers on this connection, or on all, do not read what they are told; read, and connect again");
    }
    Attached attached = engine.connect(parse(hello), new GrpcWorkerLink(engine, outbox));
    session = attached;
    outbox.send(WorkResponse.newBuilder().setWelcome(welcome(attached)).build());
    attached.ready();
  }

  private WorkerHello parse(Hello hello) {
    return new WorkerHello(
        hello.getWorkerId(),
        names(hello.getFunctionsList()),
        hello.getCredits(),
        hello.hasProcess()
            ? new WorkerProcess(hello.getProcess().getPid(), hello.getProcess().getScope())
            : null,
        hello.hasResume()
            ? new WorkerHello.Resume(
                hello.getResume().getSession(),
                hello.getResume().getLeasesList().stream().map(Leases::key).toList())
            : null);
  }

  private List<String> names(List<Function> functions) {
    List<String> names = functions.stream().map(Function::getName).toList();
    names.forEach(caller::require);
    return names;
  }

  private Welcome welcome(Attached attached) {
    var timing = engine.config().timing();
    return Welcome.newBuilder()
        .setSession(attached.sessionId())
        .setProtocol(PROTOCOL)
        .setBeatInterval(Replies.duration(timing.beatInterval()))
        .setResumeGrace(Replies.duration(timing.resumeGrace()))
        .setMaxPayloadBytes(engine.config().limits().payloadBytes())
        .setServerTime(Replies.timestamp(engine.now()))
        .setResumed(attached.resumed())
        .setNode(engine.node())
        .build();
  }

  private void serve(Attached worker, WorkRequest request) {
    switch (request.getMessageCase()) {
      case OUTCOMES -> worker.report(outcomes(request.getOutcomes().getOutcomesList()));
      case STEPS -> worker.record(steps(request.getSteps().getStepsList()));
      case BEAT -> worker.beat();
      case CREDIT -> worker.credit(request.getCredit().getDelta());
      case REGISTER -> engine.register(worker, names(request.getRegister().getFunctionsList()));
      case DRAIN -> worker.drain();
      case HELLO ->
          throw EngineException.invalid("hello", "Hello may be sent only once on a stream");
      case MESSAGE_NOT_SET -> {} // From a newer worker: unknown messages are ignored.
    }
  }

  private List<Reported> outcomes(List<Outcome> some) {
    int limit = engine.config().limits().payloadBytes();
    List<Reported> reported = new ArrayList<>(some.size());
    for (Outcome outcome : some) {
      reported.add(new Reported(Leases.key(outcome.getLease()), Outcomes.parse(outcome, limit)));
    }
    return reported;
  }

  /// What the contract does not allow ends the stream: an SDK checks it before.
  private List<ReportedStep> steps(List<Step> some) {
    if (some.size() > MANY_STEPS) {
      throw EngineException.invalid(
          "steps",
          "one message must have at most %d steps, but has %d; send several"
              .formatted(MANY_STEPS, some.size()));
    }
    int limit = engine.config().limits().payloadBytes();
    List<ReportedStep> reported = new ArrayList<>(some.size());
    for (Step step : some) {
      Payload result = Requests.payload(step.getResult());
      if (result.size() > limit) {
        throw new EngineException(
            Reason.PAYLOAD_TOO_LARGE,
            "the result of step \"%s\" has %d bytes, but the limit is %d; return a reference to the data, or raise max-payload"
                .formatted(Text.clip(step.getKey(), Text.MAX_NAME), result.size(), limit));
      }
      reported.add(new ReportedStep(Leases.step(step.getLease(), step.getKey()), result));
    }
    return reported;
  }

  @Override
  public void onError(Throwable broken) {
    Attached worker = session;
    if (worker != null) {
      worker.broken();
    }
  }

  @Override
  public void onCompleted() {
    leave();
    outbox.complete();
  }

  private void leave() {
    Attached worker = session;
    if (worker != null) {
      worker.closed();
    }
  }
}
