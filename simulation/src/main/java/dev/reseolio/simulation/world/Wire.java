package dev.reseolio.simulation.world;

import dev.reseolio.simulation.machine.Host;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One direction of a connection: messages arrive later, in their order, and are handled one after
/// the other on a thread of the receiver.
final class Wire {
  private final Host to;
  private final RandomGenerator random;
  private final Deque<Runnable> arrived = new ArrayDeque<>();
  private @Nullable Thread pump;
  private long lastArrival;
  private boolean closed;
  private boolean over;

  Wire(Host to, RandomGenerator random) {
    this.to = to;
    this.random = random;
  }

  void open(String name) {
    pump = to.virtualThread(name, this::run);
    pump.start();
  }

  private void run() {
    while (!over) {
      Runnable message = arrived.poll();
      if (message == null) {
        LockSupport.park(this);
      } else {
        message.run();
      }
    }
  }

  void send(Runnable message) {
    if (!closed) {
      deliver(message, random.nextLong(20_000, 400_000));
    }
  }

  /// The last message: nothing that is sent later arrives.
  void close(Runnable last, long delay) {
    if (!closed) {
      closed = true;
      deliver(
          () -> {
            last.run();
            over = true;
          },
          delay);
    }
  }

  private void deliver(Runnable message, long delay) {
    var scheduler = to.scheduler();
    lastArrival = Math.max(lastArrival + 1, scheduler.now() + delay);
    scheduler.after(
        lastArrival - scheduler.now(),
        () -> {
          arrived.add(message);
          LockSupport.unpark(pump);
        });
  }
}
