package dev.reseolio.internal;

import dev.reseolio.JobContext;
import dev.reseolio.ReseolioListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Tells every listener, and lets none of them do harm. Job events are told on the calling thread,
/// the others on one of `threads`.
public final class Listeners {
  private final List<ReseolioListener> listeners;
  private final Executor threads;

  public Listeners(List<ReseolioListener> listeners, Executor threads) {
    this.listeners = List.copyOf(listeners);
    this.threads = threads;
  }

  public void ready(String address) {
    later(listener -> listener.onReady(address));
  }

  public void disconnected(String address) {
    later(listener -> listener.onDisconnected(address));
  }

  public void sidecarExit(int exitCode) {
    later(listener -> listener.onSidecarExit(exitCode));
  }

  public void stopped() {
    tell(ReseolioListener::onStopped);
  }

  public void jobStart(JobContext job) {
    tell(listener -> listener.onJobStart(job));
  }

  public void jobSuccess(JobContext job) {
    tell(listener -> listener.onJobSuccess(job));
  }

  public void jobError(JobContext job, Throwable error) {
    tell(listener -> listener.onJobError(job, error));
  }

  private void later(Consumer<ReseolioListener> event) {
    if (!listeners.isEmpty()) {
      threads.execute(() -> tell(event));
    }
  }

  private void tell(Consumer<ReseolioListener> event) {
    for (ReseolioListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        Log.warn("A listener failed", e);
      }
    }
  }
}
