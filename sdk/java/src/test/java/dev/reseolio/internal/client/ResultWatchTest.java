package dev.reseolio.internal.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.internal.Timer;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server of which the test plays the part.
@Timeout(30)
class ResultWatchTest {
  private final Timer timer = new Timer();
  private final ResultWatch results = new ResultWatch(timer);
  private final BlockingQueue<Watching> streams = new LinkedBlockingQueue<>();
  private final Semaphore ended = new Semaphore(0);
  private final Server server;
  private final ManagedChannel channel;

  ResultWatchTest() throws IOException {
    server =
        OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
            .addService(
                new JobServiceGrpc.JobServiceImplBase() {
                  @Override
                  public StreamObserver<WatchResultsRequest> watchResults(
                      StreamObserver<WatchResultsResponse> reply) {
                    var stream = new Watching(reply);
                    streams.add(stream);
                    return stream;
                  }
                })
            .build()
            .start();
    channel = OkHttpChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    results.up(tellingEnds(channel));
  }

  /// Tells of each stream that has ended, after it was told to the one under test.
  private Channel tellingEnds(Channel to) {
    return ClientInterceptors.intercept(
        to,
        new io.grpc.ClientInterceptor() {
          @Override
          public <Q, A> io.grpc.ClientCall<Q, A> interceptCall(
              io.grpc.MethodDescriptor<Q, A> method, io.grpc.CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
              @Override
              public void start(Listener<A> listener, Metadata headers) {
                super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                      @Override
                      public void onClose(Status status, Metadata trailers) {
                        super.onClose(status, trailers);
                        ended.release();
                      }
                    },
                    headers);
              }
            };
          }
        });
  }

  @AfterEach
  void stop() {
    results.close();
    channel.shutdownNow();
    server.shutdownNow();
    timer.close();
  }

  private static final class Watching implements StreamObserver<WatchResultsRequest> {
    private final StreamObserver<WatchResultsResponse> reply;
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    Watching(StreamObserver<WatchResultsResponse> reply) {
      this.reply = reply;
    }

    @Override
    public void onNext(WatchResultsRequest request) {
      ids.addAll(request.getJobIdsList());
      if (ids.contains("second")) {
        var answer = WatchResultsResponse.newBuilder();
        ids.forEach(id -> answer.addResults(JobResult.newBuilder().setJobId(id)));
        reply.onNext(answer.build());
      }
    }

    void refuse() {
      reply.onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
    }

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {
      reply.onCompleted();
    }
  }

  private Watching opened() throws InterruptedException {
    Watching next = streams.poll(10, TimeUnit.SECONDS);
    assertTrue(next != null, "a stream should have been opened");
    return next;
  }

  /// It asked for the second alone, and never again for the first.
  @Test
  void aWaitThatBeginsWhenTheStreamHasJustEndedDoesNotForgetTheOthers() throws Exception {
    CompletableFuture<JobResult> first = results.watch("first");
    opened().refuse();
    ended.acquire();
    CompletableFuture<JobResult> second = results.watch("second");
    opened();
    assertEquals("second", second.get(10, TimeUnit.SECONDS).getJobId());
    assertEquals("first", first.get(10, TimeUnit.SECONDS).getJobId());
  }
}
