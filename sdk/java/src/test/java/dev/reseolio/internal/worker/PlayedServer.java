package dev.reseolio.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.reseolio.proto.v1.Committed;
import dev.reseolio.proto.v1.Lease;
import dev.reseolio.proto.v1.ListStepsRequest;
import dev.reseolio.proto.v1.ListStepsResponse;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.Run;
import dev.reseolio.proto.v1.Runs;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.StepKey;
import dev.reseolio.proto.v1.StepsCommitted;
import dev.reseolio.proto.v1.Welcome;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The server of a worker, of which the test plays the part. What is asked for and does not come in
/// time fails the test.
final class PlayedServer implements AutoCloseable {
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();

  /// What was asked of ListSteps.
  final BlockingQueue<ListStepsRequest> questions = new LinkedBlockingQueue<>();

  /// What it answers, one after the other.
  final Queue<Consumer<StreamObserver<ListStepsResponse>>> answers = new ConcurrentLinkedQueue<>();

  private final Server server;
  final ManagedChannel channel;

  PlayedServer() throws IOException {
    server =
        OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
            .addService(new Service())
            .build()
            .start();
    channel = OkHttpChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  private final class Service extends WorkerServiceGrpc.WorkerServiceImplBase {
    @Override
    public StreamObserver<WorkRequest> work(StreamObserver<WorkResponse> reply) {
      Stream stream = new Stream(reply);
      streams.add(stream);
      return stream;
    }

    @Override
    public void listSteps(ListStepsRequest request, StreamObserver<ListStepsResponse> reply) {
      questions.add(request);
      Consumer<StreamObserver<ListStepsResponse>> answer = answers.poll();
      if (answer == null) {
        reply.onError(Status.UNIMPLEMENTED.asRuntimeException());
      } else {
        answer.accept(reply);
      }
    }
  }

  /// The next stream that is opened.
  Stream stream() throws InterruptedException {
    return next(streams);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    @Nullable T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("something should have come");
    }
    return next;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  static Lease lease(String job, int attempt) {
    return Lease.newBuilder().setJobId(job).setAttempt(attempt).setToken(7).build();
  }

  static Payload json(String text) {
    return Payload.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }

  static final class Stream implements StreamObserver<WorkRequest> {
    private final StreamObserver<WorkResponse> reply;
    private final BlockingQueue<WorkRequest> messages = new LinkedBlockingQueue<>();

    Stream(StreamObserver<WorkResponse> reply) {
      this.reply = reply;
    }

    WorkRequest next() throws InterruptedException {
      return PlayedServer.next(messages);
    }

    /// The only step of the next message.
    Step step() throws InterruptedException {
      WorkRequest message = next();
      assertEquals(1, message.getSteps().getStepsCount(), message.toString());
      return message.getSteps().getSteps(0);
    }

    /// The only outcome of the next message; it is acknowledged.
    Outcome outcome() throws InterruptedException {
      WorkRequest message = next();
      assertEquals(1, message.getOutcomes().getOutcomesCount(), message.toString());
      Outcome outcome = message.getOutcomes().getOutcomes(0);
      say(
          WorkResponse.newBuilder()
              .setCommitted(Committed.newBuilder().addLeases(outcome.getLease())));
      return outcome;
    }

    synchronized void say(WorkResponse.Builder message) {
      reply.onNext(message.build());
    }

    void welcome(boolean resumed) {
      say(
          WorkResponse.newBuilder()
              .setWelcome(
                  Welcome.newBuilder()
                      .setSession("s1")
                      .setResumed(resumed)
                      .setMaxPayloadBytes(100)
                      .setBeatInterval(com.google.protobuf.Duration.newBuilder().setSeconds(60))
                      .setResumeGrace(com.google.protobuf.Duration.newBuilder().setSeconds(30))));
    }

    void run(String function, Lease lease) {
      say(
          WorkResponse.newBuilder()
              .setRuns(
                  Runs.newBuilder()
                      .addRuns(Run.newBuilder().setLease(lease).setFunction(function))));
    }

    void committed(Step step) {
      say(
          WorkResponse.newBuilder()
              .setStepsCommitted(
                  StepsCommitted.newBuilder()
                      .addSteps(
                          StepKey.newBuilder().setLease(step.getLease()).setKey(step.getKey()))));
    }

    void breakOff() {
      reply.onError(Status.UNAVAILABLE.asRuntimeException());
    }

    @Override
    public void onNext(WorkRequest message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {
      reply.onCompleted();
    }
  }
}
