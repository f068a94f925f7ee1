package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One client's waiters.
final class ResultStream implements StreamObserver<WatchResultsRequest> {
  /// Largest message, as in [GrpcWorkerLink]: results beyond it go into the next one.
  private static final int MAX_BYTES = 4 << 20;

  private final Engine engine;
  private final Sight sight;
  private final Outbox<WatchResultsResponse> outbox;
  private final Gathered<JobResult> results = new Gathered<>(this::send);
  private final Set<UUID> watched = ConcurrentHashMap.newKeySet();

  ResultStream(Engine engine, Sight sight, StreamObserver<WatchResultsResponse> reply) {
    this.engine = engine;
    this.sight = sight;
    this.outbox = new Outbox<>(reply);
  }

  @Override
  public void onNext(WatchResultsRequest request) {
    for (String text : request.getJobIdsList()) {
      watch(text);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Both ways out are handled.
  private void watch(String text) {
    UUID id;
    try {
      id = sight.of(Ids.parse(text));
    } catch (EngineException why) {
      refused(text, why);
      return;
    }
    if (watched.add(id)) {
      engine.result(id).whenComplete((end, failure) -> ended(id, end, failure));
    }
  }

  /// A text that is no id and an id that is not known are the same to the client.
  private void refused(String text, EngineException why) {
    if (why.reason() == Reason.INVALID_ARGUMENT || why.reason() == Reason.JOB_NOT_FOUND) {
      outbox.send(unknown(text));
    } else {
      outbox.fail(RpcErrors.status(why));
    }
  }

  private void ended(UUID id, @Nullable JobEnd end, @Nullable Throwable failure) {
    watched.remove(id);
    if (end != null) {
      results.add(Replies.result(end));
    } else if (failure != null && notFound(failure)) {
      outbox.send(unknown(id.toString()));
    } else if (failure != null) {
      outbox.fail(RpcErrors.status(failure));
    }
  }

  private void send(List<JobResult> some) {
    WatchResultsResponse.Builder message = WatchResultsResponse.newBuilder();
    int bytes = 0;
    for (JobResult result : some) {
      int size = result.getSerializedSize();
      if (bytes > 0 && bytes + size > MAX_BYTES) {
        outbox.send(message.build());
        message.clear();
        bytes = 0;
      }
      bytes += size;
      message.addResults(result);
    }
    outbox.send(message.build());
  }

  private static boolean notFound(Throwable failure) {
    Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
    return cause instanceof EngineException e && e.reason() == Reason.JOB_NOT_FOUND;
  }

  private static WatchResultsResponse unknown(String id) {
    return WatchResultsResponse.newBuilder().addUnknownJobIds(id).build();
  }

  @Override
  public void onError(Throwable broken) {
    watched.clear();
  }

  @Override
  public void onCompleted() {
    outbox.complete();
  }
}
