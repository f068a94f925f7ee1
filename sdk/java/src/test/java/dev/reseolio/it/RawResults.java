package dev.reseolio.it;

import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client of the contract that asks for results and does not read them before it is told to.
final class RawResults implements AutoCloseable {
  private final ManagedChannel channel;
  private final Reading reading = new Reading();

  private RawResults(ManagedChannel channel) {
    this.channel = channel;
  }

  static RawResults watch(String sidecar, List<String> ids) {
    RawResults client =
        new RawResults(
            OkHttpChannelBuilder.forTarget("dns:///" + sidecar)
                .usePlaintext()
                .maxInboundMessageSize(16 << 20)
                .build());
    JobServiceGrpc.newStub(client.channel)
        .watchResults(client.reading)
        .onNext(WatchResultsRequest.newBuilder().addAllJobIds(ids).build());
    return client;
  }

  /// Reads until so many jobs have come, or nothing comes any more.
  ///
  /// @return bytes, by job
  Map<String, Integer> read(int jobs, Duration patience) throws InterruptedException {
    Map<String, Integer> sizes = new HashMap<>();
    while (sizes.size() < jobs) {
      reading.one();
      WatchResultsResponse message = reading.messages.poll(patience.toSeconds(), TimeUnit.SECONDS);
      if (message == null) {
        return sizes;
      }
      message.getResultsList().forEach(r -> sizes.put(r.getJobId(), r.getSerializedSize()));
    }
    return sizes;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Reading
      implements ClientResponseObserver<WatchResultsRequest, WatchResultsResponse> {
    final BlockingQueue<WatchResultsResponse> messages = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<WatchResultsRequest> call;

    void one() {
      Objects.requireNonNull(call).request(1);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchResultsRequest> stream) {
      call = stream;
      stream.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(WatchResultsResponse message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable ended) {}

    @Override
    public void onCompleted() {}
  }
}
