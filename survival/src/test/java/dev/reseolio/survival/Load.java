package dev.reseolio.survival;

import dev.reseolio.CallOnly;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Calls at a steady pace, whatever becomes of them; every other one has a key. Holds back while
/// too many are unanswered.
final class Load implements AutoCloseable {
  private static final long MOST_OPEN = 2000;

  private final Calls calls;
  private final List<CallOnly> clients;
  private final String function;
  private final long pauseNanos;
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean stopping;

  Load(Calls calls, List<CallOnly> clients, String function, int perSecond) {
    this.calls = calls;
    this.clients = clients;
    this.function = function;
    this.pauseNanos = 1_000_000_000L / perSecond;
    thread.start();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the calls are noted
  private void run() {
    long next = System.nanoTime();
    for (int i = 0; !stopping; i++) {
      CallOnly client = clients.get(i % clients.size());
      if (calls.open() > MOST_OPEN) {
        LockSupport.parkNanos(1_000_000);
      } else if (i / clients.size() % 2 == 0) {
        calls.call(client, function, "quick");
      } else {
        calls.keyed(client, function, "quick");
      }
      next += pauseNanos;
      long wait = next - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else {
        next = System.nanoTime();
      }
    }
  }

  /// Ends the load; calls under way still get their answers.
  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
