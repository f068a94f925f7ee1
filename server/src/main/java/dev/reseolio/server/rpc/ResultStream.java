package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.job.Text;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.watch.ResultListener;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// One client's waiters. Results for a client that does not keep up with reading stay in the
/// database: they are looked up again when it has read.
final class ResultStream implements StreamObserver<WatchResultsRequest>, ResultListener {
  /// Largest message with several results. What goes beyond it goes into the next one.
  private static final int MAX_BYTES = 1 << 20;

  /// A client that reads no more than this behind is sent to.
  private static final int UNREAD_BYTES = 1 << 20;

  private static final int MAX_IDS = 10_000;

  private final Engine engine;
  private final Sight sight;
  private final Outbox<WatchResultsResponse> outbox;
  private final Gathered<JobResult> results = new Gathered<>(this::send);
  private final WatchedIds.OfConnection connection = WatchedIds.current();

  /// Not answered yet.
  private final Set<UUID> watched = ConcurrentHashMap.newKeySet();

  /// Of them, ended while the client was behind; with the size of the result.
  private final Map<UUID, Integer> unsent = new ConcurrentHashMap<>();

  private volatile boolean over;

  ResultStream(Engine engine, Sight sight, StreamObserver<WatchResultsResponse> reply) {
    this.engine = engine;
    this.sight = sight;
    this.outbox = new Outbox<>(reply);
    outbox.bound(UNREAD_BYTES, this::roomAgain);
    outbox.byAsking();
    outbox.ask();
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
      fail(why);
      return;
    }
    var all = request.getJobIdsList().iterator();
    while (!over && all.hasNext()) {
      watch(all.next());
    }
    if (!over) {
      connection.whenAskedForMore(outbox::ask);
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
    if (!connection.tryAdd()) {
      fail(new EngineException(Reason.OVERLOADED, WatchedIds.HINT));
    } else if (watched.add(id)) {
      ask(id);
    } else {
      connection.remove();
    }
  }

  private void ask(UUID id) {
    engine.watch(id, this);
    if (over) {
      forget(id); // It came too late to be among all.
    }
  }

  private void forget(UUID id) {
    answered(id);
    engine.unwatch(id, this);
  }

  /// False: it was before.
  private boolean answered(UUID id) {
    boolean first = watched.remove(id);
    if (first) {
      unsent.remove(id);
      connection.remove();
    }
    return first;
  }

  /// A text that is no id and an id that is not known are the same to the client, unless the text
  /// is too long to be sent back.
  private void refused(String text, EngineException why) {
    boolean noId = why.reason() == Reason.INVALID_ARGUMENT && text.length() <= Text.MAX_NAME;
    if (noId || why.reason() == Reason.JOB_NOT_FOUND) {
      outbox.send(unknown(text));
    } else {
      fail(why);
    }
  }

  @Override
  public void ended(JobEnd end) {
    results.add(Replies.result(end));
  }

  @Override
  public void failed(UUID id, EngineException why) {
    if (why.reason() != Reason.JOB_NOT_FOUND) {
      fail(why);
    } else if (answered(id)) {
      outbox.send(unknown(id.toString()));
      goOn();
    }
  }

  private void send(List<JobResult> some) {
    WatchResultsResponse.Builder message = WatchResultsResponse.newBuilder();
    int bytes = 0;
    for (JobResult result : some) {
      UUID id = UUID.fromString(result.getJobId());
      int size = result.getSerializedSize();
      if (bytes > 0 && bytes + size > MAX_BYTES) {
        outbox.send(message.build());
        message.clear();
        bytes = 0;
      }
      if (bytes == 0 && outbox.full()) {
        putAside(id, size);
      } else if (answered(id)) {
        bytes += size;
        message.addResults(result);
      }
    }
    if (bytes > 0) {
      outbox.send(message.build());
    }
    goOn();
  }

  private void putAside(UUID id, int size) {
    unsent.put(id, size);
    if (!watched.contains(id)) {
      unsent.remove(id); // The stream has ended meanwhile.
    }
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
        ask(id);
      }
      if (bytes >= MAX_BYTES) {
        return;
      }
    }
  }

  private static WatchResultsResponse unknown(String id) {
    return WatchResultsResponse.newBuilder().addUnknownJobIds(id).build();
  }

  private void fail(EngineException why) {
    outbox.fail(RpcErrors.status(why));
    end();
  }

  private void end() {
    over = true;
    watched.forEach(this::forget);
  }

  @Override
  public void onError(Throwable broken) {
    end();
  }

  @Override
  public void onCompleted() {
    outbox.complete();
    end();
  }
}
