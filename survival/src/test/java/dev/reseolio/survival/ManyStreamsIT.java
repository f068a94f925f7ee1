package dev.reseolio.survival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.CallOnly;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WatchResultsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Very many streams that do nothing, against a sidecar with its own heap of 64 MB.
@Timeout(180)
class ManyStreamsIT {
  private static final int MANY = 12_000;
  private static final int STREAMS = 100;
  private static final Duration SOON = Duration.ofSeconds(60);

  /// Of streams that the sidecar did not take; what we close ourselves is told after that.
  private final List<Status> refused = new CopyOnWriteArrayList<>();

  private final CountDownLatch opened = new CountDownLatch(MANY);

  /// Says when its stream has been opened: beyond the sidecar's limit a client would only wait.
  private <Q, A> ClientResponseObserver<Q, A> quiet() {
    return new ClientResponseObserver<>() {
      @Override
      public void beforeStart(ClientCallStreamObserver<Q> stream) {
        stream.setOnReadyHandler(opened::countDown);
      }

      @Override
      public void onNext(A value) {}

      @Override
      public void onError(Throwable failure) {
        refused.add(Status.fromThrowable(failure));
      }

      @Override
      public void onCompleted() {}
    };
  }

  /// One connection with streams of both kinds.
  private ManagedChannel connect(Node node, String job) {
    var channel = OkHttpChannelBuilder.forTarget("dns:///" + node.address()).usePlaintext().build();
    var stub = JobServiceGrpc.newStub(channel);
    for (int i = 0; i < STREAMS / 2; i++) {
      stub.watchResults(quiet()).onNext(WatchResultsRequest.newBuilder().addJobIds(job).build());
      stub.enqueueStream(quiet()).onNext(EnqueueStreamRequest.getDefaultInstance());
    }
    return channel;
  }

  private static void call(Scene scene, CallOnly client) {
    scene.calls().call(client, Scene.FUNCTION, "quick").join().result(SOON);
  }

  @Test
  void thousandsOfIdleStreamsLeaveRoomForWork() throws Exception {
    try (var scene = new Scene("9-streams")) {
      Node node = scene.nodes(1).getFirst();
      scene.workers(node);
      CallOnly client = scene.client(node);
      call(scene, client);
      String open = scene.calls().call(client, "survival:nobody:run", "quick").join().id();
      List<ManagedChannel> channels = new ArrayList<>();
      try {
        for (int n = 0; n < MANY; n += STREAMS) {
          channels.add(connect(node, open));
        }
        assertTrue(opened.await(60, TimeUnit.SECONDS), opened.getCount() + " are not open");
        call(scene, client);
        assertEquals(List.of(), refused, "all are taken");
        assertTrue(node.alive());
      } finally {
        channels.forEach(ManagedChannel::shutdownNow);
      }
    }
  }
}
