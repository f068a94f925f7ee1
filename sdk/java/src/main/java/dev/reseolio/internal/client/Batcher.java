package dev.reseolio.internal.client;

import com.google.protobuf.CodedOutputStream;
import dev.reseolio.NotConnectedException;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.DrainLoop;
import dev.reseolio.internal.Timer;
import dev.reseolio.internal.wire.Errors;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueResult;
import io.grpc.Channel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Sends calls to the server, those that come at the same time together. Nothing waits for company:
/// a call goes out at once unless enough batches are under way, and then with whatever has gathered
/// when one of them returns.
///
/// While there is no connection calls wait for it, and while the server takes no more for its turn,
/// each up to its own time limit.
public final class Batcher implements LinkListener {
  static final int MAX_IN_FLIGHT = 3;
  static final int MAX_JOBS = 1_000;
  static final int MAX_BYTES = 1 << 20;
  private static final long AGAIN_MILLIS = 50;
  private static final long SWEEP_MILLIS = 100;

  private final Queue<PendingEnqueue> queue = new ConcurrentLinkedQueue<>();
  private final DrainLoop drain = new DrainLoop(this::pass);
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private final Timer timer;
  private final EnqueueTransport transport;
  private volatile @Nullable Channel channel;
  private volatile boolean closed;

  public Batcher(Timer timer) {
    this(timer, new EnqueueStreams(timer));
  }

  Batcher(Timer timer, EnqueueTransport transport) {
    this.timer = timer;
    this.transport = transport;
  }

  /// The id of the job, once it is committed. Completed on the thread that reads the socket: do
  /// nothing long there.
  public CompletableFuture<String> enqueue(EnqueueRequest request, long timeoutNanos) {
    PendingEnqueue call = new PendingEnqueue(request, System.nanoTime() + timeoutNanos);
    if (closed) {
      call.abandon(closedError());
      return call;
    }
    queue.add(call);
    drain.run();
    sweepLater();
    return call;
  }

  @Override
  public void up(Channel connected) {
    channel = connected;
    drain.run();
  }

  @Override
  public void down() {
    channel = null;
    sweepLater();
  }

  private void pass() {
    Channel to = channel;
    while (to != null && inFlight.get() < MAX_IN_FLIGHT) {
      List<PendingEnqueue> batch = nextBatch();
      if (batch.isEmpty()) {
        return;
      }
      send(to, batch);
    }
  }

  private List<PendingEnqueue> nextBatch() {
    List<PendingEnqueue> batch = new ArrayList<>();
    long bytes = 0;
    PendingEnqueue next;
    while (batch.size() < MAX_JOBS && (next = queue.peek()) != null) {
      int size = next.request().getSerializedSize();
      bytes += size + CodedOutputStream.computeUInt32SizeNoTag(size) + 1;
      if (!batch.isEmpty() && bytes > MAX_BYTES) {
        return batch;
      }
      queue.remove();
      if (next.expired()) {
        expire(next);
      } else if (!next.isDone()) {
        batch.add(next);
      }
    }
    return batch;
  }

  private void send(Channel to, List<PendingEnqueue> batch) {
    long last = batch.get(0).giveUpNanos();
    for (PendingEnqueue call : batch) {
      last = Math.max(last, call.giveUpNanos());
    }
    inFlight.incrementAndGet();
    transport.send(
        to,
        batch.stream().map(PendingEnqueue::request).toList(),
        last - System.nanoTime(),
        new EnqueueTransport.Answer() {
          @Override
          public void answered(List<EnqueueResult> results) {
            returned();
            settle(batch, results);
          }

          @Override
          public void failed(Throwable error, boolean mayHaveArrived) {
            returned();
            repeatOrFail(batch, error, mayHaveArrived);
          }
        });
  }

  /// The next batch goes out before anybody is told of this one.
  private void returned() {
    inFlight.decrementAndGet();
    drain.run();
  }

  private void settle(List<PendingEnqueue> batch, List<EnqueueResult> results) {
    List<PendingEnqueue> again = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      PendingEnqueue call = batch.get(i);
      if (i >= results.size()) {
        call.failUnknown();
      } else if (!call.settle(results.get(i)) && !call.isDone()) {
        again.add(call);
      }
    }
    repeat(again);
  }

  private void repeatOrFail(List<PendingEnqueue> batch, Throwable error, boolean mayHaveArrived) {
    if (!mayHaveArrived || Errors.shuttingDown(error)) {
      repeat(batch);
    } else if (Errors.detail(error) != null
        || Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
      batch.forEach(call -> call.completeExceptionally(Errors.of(error)));
    } else {
      batch.forEach(PendingEnqueue::markSent);
      batch.stream().filter(call -> !call.hasKey()).forEach(PendingEnqueue::failUnknown);
      repeat(batch.stream().filter(PendingEnqueue::hasKey).toList());
    }
  }

  private void repeat(List<PendingEnqueue> calls) {
    if (calls.isEmpty()) {
      return;
    }
    if (closed) {
      calls.forEach(call -> call.abandon(closedError()));
      return;
    }
    timer.after(
        AGAIN_MILLIS,
        () -> {
          queue.addAll(calls);
          drain.run();
          sweepLater();
        });
  }

  private void expire(PendingEnqueue call) {
    call.abandon(channel == null ? unreachable() : overloaded());
  }

  private static NotConnectedException unreachable() {
    return new NotConnectedException("The sidecar was not reachable in time; nothing was enqueued");
  }

  /// The server is there, but is busy with the calls before.
  private static ReseolioException overloaded() {
    return new ReseolioException(
        "overloaded",
        "The sidecar took no more calls in time; nothing was enqueued; slow down and call again");
  }

  /// While nothing is sent somebody else has to look at the time limits.
  private void sweepLater() {
    if (!closed && !queue.isEmpty() && sweeping.compareAndSet(false, true)) {
      timer.after(SWEEP_MILLIS, this::sweep);
    }
  }

  private void sweep() {
    sweeping.set(false);
    for (PendingEnqueue call : queue) {
      if (call.expired()) {
        expire(call);
      }
    }
    queue.removeIf(PendingEnqueue::isDone);
    sweepLater();
  }

  /// Fails what was not sent; what is under way still gets its answer.
  public void close() {
    closed = true;
    PendingEnqueue call;
    while ((call = queue.poll()) != null) {
      call.abandon(closedError());
    }
    transport.close();
  }

  private static NotConnectedException closedError() {
    return new NotConnectedException("This Reseolio instance is closed; nothing was enqueued");
  }
}
