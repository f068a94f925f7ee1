package dev.reseolio.internal.client;

import dev.reseolio.internal.Timer;
import dev.reseolio.internal.wire.Times;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.proto.v1.JobServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Batches on one stream per connection, which is opened with the first.
final class EnqueueStreams implements EnqueueTransport {
  private static final long SWEEP_MILLIS = 100;

  private final AtomicReference<@Nullable Stream> current = new AtomicReference<>();
  private final Timer timer;

  EnqueueStreams(Timer timer) {
    this.timer = timer;
  }

  @Override
  public void send(Channel channel, List<EnqueueRequest> batch, long timeoutNanos, Answer answer) {
    Stream open = current.get();
    if (open == null || !open.channel.equals(channel)) {
      open = new Stream(channel);
      current.set(open);
      open.start();
    }
    open.send(batch, timeoutNanos, answer);
  }

  @Override
  public void close() {
    Stream open = current.getAndSet(null);
    if (open != null) {
      open.requests.onCompleted();
    }
  }

  /// A batch on its way.
  private record Sent(Answer answer, long giveUpNanos) {}

  private final class Stream implements StreamObserver<EnqueueStreamResponse> {
    private final Channel channel;
    private final Map<Integer, Sent> unanswered = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final SentTracer tracer = new SentTracer();
    private StreamObserver<EnqueueStreamRequest> requests = new Unopened<>();
    private int number;
    private volatile @Nullable Throwable ended;

    Stream(Channel channel) {
      this.channel = channel;
    }

    void start() {
      requests =
          ClientCalls.asyncBidiStreamingCall(
              channel.newCall(
                  JobServiceGrpc.getEnqueueStreamMethod(),
                  CallOptions.DEFAULT.withStreamTracerFactory(tracer)),
              this);
    }

    void send(List<EnqueueRequest> batch, long timeoutNanos, Answer answer) {
      number++;
      unanswered.put(number, new Sent(answer, System.nanoTime() + timeoutNanos));
      requests.onNext(
          EnqueueStreamRequest.newBuilder()
              .setNumber(number)
              .addAllJobs(batch)
              .setTimeout(Times.toProto(Duration.ofNanos(timeoutNanos)))
              .build());
      Throwable why = ended;
      if (why != null) {
        failAll(why);
      }
      sweepLater();
    }

    @Override
    public void onNext(EnqueueStreamResponse response) {
      Sent sent = unanswered.remove(response.getNumber());
      if (sent != null) {
        sent.answer.answered(response.getResultsList());
      }
    }

    @Override
    public void onError(Throwable error) {
      ended = error;
      current.compareAndSet(this, null);
      failAll(error);
    }

    @Override
    public void onCompleted() {
      onError(
          Status.UNAVAILABLE.withDescription("the sidecar ended the stream").asRuntimeException());
    }

    private void failAll(Throwable why) {
      unanswered.keySet().forEach(one -> fail(one, why, tracer.mayHaveArrived()));
    }

    private void fail(Integer one, Throwable why, boolean mayHaveArrived) {
      Sent sent = unanswered.remove(one);
      if (sent != null) {
        sent.answer.failed(why, mayHaveArrived);
      }
    }

    /// The server answers in time; this is for one that went silent.
    private void sweepLater() {
      if (!unanswered.isEmpty() && sweeping.compareAndSet(false, true)) {
        timer.after(SWEEP_MILLIS, this::sweep);
      }
    }

    private void sweep() {
      sweeping.set(false);
      long now = System.nanoTime();
      unanswered.forEach((one, sent) -> {
        if (now - sent.giveUpNanos >= 0) {
          fail(one, Status.DEADLINE_EXCEEDED.asRuntimeException(), true);
        }
      });
      sweepLater();
    }
  }
}
