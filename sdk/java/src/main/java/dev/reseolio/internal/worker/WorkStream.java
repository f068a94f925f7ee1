package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// One Work stream, from Hello to its end. Messages go out through the worker's drain loop only,
/// one thread at a time.
final class WorkStream implements ClientResponseObserver<WorkRequest, WorkResponse> {

  /// Who is told what the stream brings.
  interface Owner {
    void received(WorkStream stream, WorkResponse message);

    void ended(WorkStream stream, @Nullable Throwable error);

    /// The transport takes messages again.
    void writable();
  }

  private final Owner owner;
  private final boolean resuming;
  private final Queue<WorkRequest> control = new ConcurrentLinkedQueue<>();
  private volatile @Nullable ClientCallStreamObserver<WorkRequest> requests;
  private volatile boolean welcomed;

  private WorkStream(Owner owner, boolean resuming) {
    this.owner = owner;
    this.resuming = resuming;
  }

  static WorkStream prepare(Owner owner, WorkRequest hello) {
    WorkStream stream = new WorkStream(owner, hello.getHello().hasResume());
    stream.control.add(hello);
    return stream;
  }

  void open(Channel channel) {
    WorkerServiceGrpc.newStub(channel).work(this);
  }

  /// To be sent by the next pass, before anything of the outbox.
  void control(WorkRequest message) {
    control.add(message);
  }

  boolean isBacklogged() {
    return !control.isEmpty();
  }

  boolean isResuming() {
    return resuming;
  }

  void welcome() {
    welcomed = true;
  }

  boolean isWelcome() {
    return welcomed;
  }

  /// One pass of the drain loop.
  void send(Outbox outbox) {
    ClientCallStreamObserver<WorkRequest> to = requests;
    if (to == null) {
      return;
    }
    WorkRequest message;
    while (to.isReady() && (message = next(outbox)) != null) {
      to.onNext(message);
    }
  }

  private @Nullable WorkRequest next(Outbox outbox) {
    WorkRequest first = control.poll();
    return first != null ? first : welcomed ? outbox.next() : null;
  }

  void halfClose() {
    ClientCallStreamObserver<WorkRequest> to = requests;
    if (to != null) {
      to.onCompleted();
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WorkRequest> stream) {
    stream.setOnReadyHandler(owner::writable);
    requests = stream;
  }

  @Override
  public void onNext(WorkResponse message) {
    owner.received(this, message);
  }

  @Override
  public void onError(Throwable error) {
    owner.ended(this, error);
  }

  @Override
  public void onCompleted() {
    owner.ended(this, null);
  }
}
