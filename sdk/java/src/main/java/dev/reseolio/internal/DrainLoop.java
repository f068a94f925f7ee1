package dev.reseolio.internal;

import java.util.concurrent.atomic.AtomicInteger;

/// Runs one pass at a time, on whichever thread asks: a thread that asks while another is in a pass
/// leaves, and that one passes again. What a pass takes from a concurrent queue is thereby sent by
/// one thread at a time, without a lock anybody waits for.
public final class DrainLoop implements Runnable {
  private final AtomicInteger requests = new AtomicInteger();
  private final Runnable pass;

  public DrainLoop(Runnable pass) {
    this.pass = pass;
  }

  @Override
  public void run() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    int served = 1;
    do {
      passSafely();
      served = requests.addAndGet(-served);
    } while (served != 0);
  }

  /// An exception must not leave the loop marked as busy for ever.
  private void passSafely() {
    try {
      pass.run();
    } catch (RuntimeException e) {
      Log.warn("A send failed; it is repeated after the next connection", e);
    }
  }
}
