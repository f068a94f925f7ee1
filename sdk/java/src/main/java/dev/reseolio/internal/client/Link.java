package dev.reseolio.internal.client;

import dev.reseolio.NotConnectedException;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.Listeners;
import dev.reseolio.internal.Log;
import dev.reseolio.internal.ReconnectDelay;
import dev.reseolio.internal.Threads;
import dev.reseolio.internal.sidecar.Upstream;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The connection: found, watched, and found again for ever, by one thread. Asks the upstream where
/// the server is before every try, so that a dead sidecar is started again by the same loop that
/// reconnects.
public final class Link implements AutoCloseable {
  private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Upstream upstream;
  private final @Nullable ManagedChannel given;
  private final Channels channels;
  private final List<LinkListener> listeners;
  private final Listeners events;
  private final Thread thread = Threads.daemon("reseolio-link", this::run);
  private final ReconnectDelay delay = new ReconnectDelay();
  private final CompletableFuture<String> firstUp = new CompletableFuture<>();
  private volatile CompletableFuture<Channel> up = new CompletableFuture<>();
  private volatile @Nullable ManagedChannel channel;
  private volatile boolean closed;

  /// @param given the application's own channel; null: one is made for the upstream's address
  public Link(
      Upstream upstream,
      @Nullable ManagedChannel given,
      Channels channels,
      List<LinkListener> listeners,
      Listeners events) {
    this.upstream = upstream;
    this.given = given;
    this.channels = channels;
    this.listeners = listeners;
    this.events = events;
  }

  /// Returns when the first connection stands.
  public void start(Duration patience) {
    thread.start();
    try {
      firstUp.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ReseolioException known
          ? known
          : new NotConnectedException("The start failed", e);
    } catch (TimeoutException e) {
      throw new NotConnectedException(
          "No server answered within " + patience + " at " + whereabouts() + "; is it running?", e);
    } catch (InterruptedException e) {
      throw Waiting.interrupted(e);
    }
  }

  private String whereabouts() {
    return given != null ? given.authority() : upstream.toString();
  }

  /// The channel, as soon as there is a connection.
  Channel await(long giveUpNanos) {
    try {
      return up.get(Math.max(0, giveUpNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new NotConnectedException(
          "The sidecar was not reachable in time; the SDK goes on trying", e);
    } catch (ExecutionException e) {
      throw new NotConnectedException("This Reseolio instance is closed; start another one", e);
    } catch (InterruptedException e) {
      throw Waiting.interrupted(e);
    }
  }

  private void run() {
    while (!closed) {
      try {
        round();
        Thread.sleep(delay.nextMillis());
      } catch (InterruptedException e) {
        return;
      } catch (ReseolioException e) {
        failed(e);
      }
    }
  }

  private void failed(ReseolioException e) {
    if (!firstUp.completeExceptionally(e)) {
      Log.warn("No sidecar; trying again: " + e.getMessage());
    }
  }

  /// From looking for the server to losing it.
  private void round() throws InterruptedException {
    String address = upstream.locate();
    ManagedChannel candidate = given != null ? given : channels.to(address);
    channel = candidate;
    if (connect(candidate)) {
      long since = System.nanoTime();
      announce(candidate, address);
      awaitLoss(candidate);
      withdraw(address);
      delay.lasted(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
    }
    if (given == null) {
      candidate.shutdown(); // not at once: the streams of a server that drains go on to their end
    }
  }

  private static boolean connect(ManagedChannel candidate) throws InterruptedException {
    long giveUp = System.nanoTime() + CONNECT_NANOS;
    candidate.resetConnectBackoff();
    ConnectivityState state = candidate.getState(true);
    while (state == ConnectivityState.IDLE || state == ConnectivityState.CONNECTING) {
      if (!awaitChange(candidate, state, giveUp - System.nanoTime())) {
        return false;
      }
      state = candidate.getState(true);
    }
    return state == ConnectivityState.READY;
  }

  private static void awaitLoss(ManagedChannel connected) throws InterruptedException {
    while (connected.getState(false) == ConnectivityState.READY) {
      awaitChange(connected, ConnectivityState.READY, Long.MAX_VALUE);
    }
  }

  private static boolean awaitChange(ManagedChannel of, ConnectivityState from, long nanos)
      throws InterruptedException {
    CountDownLatch changed = new CountDownLatch(1);
    of.notifyWhenStateChanged(from, changed::countDown);
    return changed.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void announce(ManagedChannel connected, String address) {
    Log.info("Connected to " + address);
    listeners.forEach(listener -> listener.up(connected));
    up.complete(connected);
    firstUp.complete(address);
    events.ready(address);
  }

  private void withdraw(String address) {
    if (closed) {
      return;
    }
    Log.warn("The connection to " + address + " is lost; reconnecting");
    up = new CompletableFuture<>();
    listeners.forEach(LinkListener::down);
    events.disconnected(address);
  }

  /// Stops looking. A channel the application gave stays open.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    up.completeExceptionally(new IllegalStateException("closed"));
    up = CompletableFuture.failedFuture(new IllegalStateException("closed"));
    if (given == null && channel != null) {
      shutDown(channel);
    }
  }

  private static void shutDown(ManagedChannel last) {
    last.shutdown();
    try {
      if (!last.awaitTermination(2, TimeUnit.SECONDS)) {
        last.shutdownNow();
      }
    } catch (InterruptedException e) {
      last.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
