package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.Text;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One client's waiters. Results for a client that does not keep up with reading stay in the
/// database: they are looked up again when it has read.
final class ResultStream implements StreamObserver<WatchResultsRequest> {
  /// Largest message with several results. What goes beyond it goes into the next one.
  private static final int MAX_BYTES = 1 << 20;

  /// A client that reads no more than this behind is sent to.
  private static final int UNREAD_BYTES = 1 << 20;

  private static final int MAX_IDS = 10_000;

  private final Engine engine;
  private final Sight sight;
  private final Outbox<WatchResultsResponse> outbox;
  private final Gathered<JobResult> results = new Gathered<>(this::send);
  private final Set<UUID> watched = ConcurrentHashMap.newKeySet();

  /// Ended while the client was behind; with the size of the result.
  private final Map<UUID, Integer> unsent = new ConcurrentHashMap<>();

  ResultStream(Engine engine, Sight sight, StreamObserver<WatchResultsResponse> reply) {
    this.engine = engine;
    this.sight = sight;
    this.outbox = new Outbox<>(reply);
    outbox.bound(UNREAD_BYTES, this::roomAgain);
  }

  @Override
  public void onNext(WatchResultsRequest request) {
    int ids = request.getJobIdsCount();
    if (ids > MAX_IDS) {
      var why =
          EngineException.invalid(
              "job_ids",
              "a message names at most %d jobs, but this one names %d; send several"
                  .formatted(MAX_IDS, ids));
      outbox.fail(RpcErrors.status(why));
      return;
    }
    for (String text : request.getJobIdsList()) {
      watch(text);
    }
  }

  private void watch(String text) {
    UUID id;
    try {
      id = sight.of(Ids.parse(text));
    } catch (EngineException why) {
      refused(text, why);
      return;
    }
    if (!unsent.containsKey(id)) {
      watch(id);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Both ways out are handled.
  private void watch(UUID id) {
    if (watched.add(id)) {
      engine.result(id).whenComplete((end, failure) -> ended(id, end, failure));
    }
  }

  /// A text that is no id and an id that is not known are the same to the client, unless the text
  /// is too long to be sent back.
  private void refused(String text, EngineException why) {
    boolean noId = why.reason() == Reason.INVALID_ARGUMENT && text.length() <= Text.MAX_NAME;
    if (noId || why.reason() == Reason.JOB_NOT_FOUND) {
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
      goOn();
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
      if (bytes == 0 && outbox.full()) {
        unsent.put(UUID.fromString(result.getJobId()), size);
      } else {
        bytes += size;
        message.addResults(result);
      }
    }
    if (bytes > 0) {
      outbox.send(message.build());
    }
    goOn();
  }

  private void goOn() {
    if (!unsent.isEmpty() && !outbox.full()) {
      roomAgain(); // The client may have read before this was put aside.
    }
  }

  /// Looks up as much of what was put aside as one message takes.
  private void roomAgain() {
    int bytes = 0;
    for (UUID id : List.copyOf(unsent.keySet())) {
      Integer size = unsent.remove(id);
      if (size != null) {
        bytes += size;
        watch(id);
      }
      if (bytes >= MAX_BYTES) {
        return;
      }
    }
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
    unsent.clear();
  }

  @Override
  public void onCompleted() {
    outbox.complete();
  }
}
