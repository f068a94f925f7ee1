package dev.reseolio.internal.client;

import dev.reseolio.NotConnectedException;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.DrainLoop;
import dev.reseolio.internal.ReconnectDelay;
import dev.reseolio.internal.Timer;
import dev.reseolio.proto.v1.JobResult;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Waits for the ends of many jobs on one stream, which is opened with the first wait. When it
/// breaks, or the sidecar ends it (`overloaded`), it is opened again a moment later, with all that
/// is still waited for.
public final class ResultWatch implements LinkListener {
  private static final int MAX_IDS = 1_000;

  private final Map<String, CompletableFuture<JobResult>> waiting = new ConcurrentHashMap<>();
  private final Queue<String> unsent = new ConcurrentLinkedQueue<>();
  private final DrainLoop drain = new DrainLoop(this::pass);
  private final ReconnectDelay delay = new ReconnectDelay();
  private final AtomicReference<@Nullable Stream> stream = new AtomicReference<>();
  private final Timer timer;
  private volatile @Nullable Channel channel;
  private volatile boolean closed;

  /// True while a stream that ended is not to be opened again yet.
  private volatile boolean pausing;

  public ResultWatch(Timer timer) {
    this.timer = timer;
  }

  /// The end of the job. Completed on the thread that reads the socket: do nothing long there.
  public CompletableFuture<JobResult> watch(String jobId) {
    CompletableFuture<JobResult> fresh = new CompletableFuture<>();
    CompletableFuture<JobResult> known = waiting.putIfAbsent(jobId, fresh);
    if (known != null) {
      return known;
    }
    if (closed) {
      close();
      return fresh;
    }
    unsent.add(jobId);
    drain.run();
    return fresh;
  }

  @Override
  public void up(Channel connected) {
    channel = connected;
    goOn();
  }

  @Override
  public void down() {
    channel = null;
  }

  private void pass() {
    Stream to = waiting.isEmpty() ? null : openStream();
    while (to != null && !unsent.isEmpty()) {
      WatchResultsRequest.Builder request = WatchResultsRequest.newBuilder();
      String id;
      while (request.getJobIdsCount() < MAX_IDS && (id = unsent.poll()) != null) {
        request.addJobIds(id);
      }
      to.requests.onNext(request.build());
    }
  }

  private @Nullable Stream openStream() {
    Stream open = stream.get();
    Channel over = channel;
    if (open != null || over == null || closed || pausing) {
      return open;
    }
    unsent.clear();
    unsent.addAll(waiting.keySet());
    Stream fresh = new Stream();
    stream.set(fresh);
    fresh.requests = JobServiceGrpc.newStub(over).watchResults(fresh);
    return stream.get();
  }

  private void ended(Stream which) {
    if (which.equals(stream.get())) {
      pausing = true;
      stream.compareAndSet(which, null);
      timer.after(delay.nextMillis(), this::goOn);
    }
  }

  private void goOn() {
    pausing = false;
    drain.run();
  }

  private void received(WatchResultsResponse response) {
    delay.reset();
    for (JobResult result : response.getResultsList()) {
      CompletableFuture<JobResult> waiter = waiting.remove(result.getJobId());
      if (waiter != null) {
        waiter.complete(result);
      }
    }
    for (String id : response.getUnknownJobIdsList()) {
      CompletableFuture<JobResult> waiter = waiting.remove(id);
      if (waiter != null) {
        waiter.completeExceptionally(
            new ReseolioException(
                "job_not_found",
                "There is no job "
                    + id
                    + ": it never existed, its retention is over, or a failover of the database lost it"));
      }
    }
  }

  /// Fails every wait.
  public void close() {
    closed = true;
    Stream open = stream.getAndSet(null);
    if (open != null) {
      open.requests.onCompleted();
    }
    for (String id : List.copyOf(waiting.keySet())) {
      CompletableFuture<JobResult> waiter = waiting.remove(id);
      if (waiter != null) {
        waiter.completeExceptionally(
            new NotConnectedException(
                "This Reseolio instance was closed while job "
                    + id
                    + " was waited for; the job goes on"));
      }
    }
  }

  private final class Stream implements StreamObserver<WatchResultsResponse> {
    private volatile StreamObserver<WatchResultsRequest> requests = new Unopened<>();

    @Override
    public void onNext(WatchResultsResponse response) {
      received(response);
    }

    @Override
    public void onError(Throwable error) {
      ended(this);
    }

    @Override
    public void onCompleted() {
      ended(this);
    }
  }
}
