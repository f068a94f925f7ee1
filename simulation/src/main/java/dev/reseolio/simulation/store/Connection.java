package dev.reseolio.simulation.store;

import dev.reseolio.engine.store.StoreException;
import dev.reseolio.simulation.machine.Host;
import dev.reseolio.simulation.machine.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Carries requests of one process to the database. Requests travel by themselves: one that was
/// sent arrives although its sender is frozen or dead by then.
final class Connection {
  private final Host host;
  private final Network network;
  private final Server server;
  private final boolean alone;
  private final List<Timer> underWay = new ArrayList<>();
  private final Breaks breaks = new Breaks();

  /// Counts how often the connection was broken from this side.
  private static final class Breaks {
    int count;
  }

  /// @param alone a new session ends the one before, with what that has not yet carried out
  Connection(Host host, Network network, Server server, boolean alone) {
    this.alone = alone;
    this.host = host;
    this.network = network;
    this.server = server;
  }

  /// A request under way.
  private static final class Exchange<T> {
    @Nullable T result;
    @Nullable RuntimeException failure;
    boolean over;
    final Thread caller = Thread.currentThread();

    void over() {
      over = true;
      LockSupport.unpark(caller);
    }
  }

  void breakOff() {
    breaks.count++;
  }

  /// @throws StoreException UNAVAILABLE, TRANSIENT, or what the request throws
  <T> T call(Supplier<T> request) {
    var exchange = new Exchange<T>();
    int seen = breaks.count;
    int life = server.life();
    send(exchange, request, network.fate());
    boolean interrupted = false;
    while (!exchange.over && breaks.count == seen) {
      host.parkNanos(5_000_000);
      interrupted |= Thread.interrupted(); // A driver that reads its socket does not hear of it.
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (exchange.failure != null) {
      throw exchange.failure;
    }
    // A reply that a frozen process had yet to read when the database went down is lost with its
    // connection: after a failover it would tell of commits that never were, however late.
    if (server.life() != life || !exchange.over || exchange.result == null) {
      throw unavailable("the connection broke");
    }
    return exchange.result;
  }

  private <T> void send(Exchange<T> exchange, Supplier<T> request, Fate fate) {
    var scheduler = host.scheduler();
    int life = server.life();
    if (network.cutOff() || fate == Fate.REQUEST_LOST) {
      scheduler.after(network.patience(), () -> fail(exchange, "nobody answers"));
    } else if (fate == Fate.LATE) {
      scheduler.after(network.way(), () -> fail(exchange, "the connection broke"));
      underWay.add(scheduler.after(network.late(), () -> arrive(new Exchange<T>(), request, life)));
    } else if (fate == Fate.ROLLED_BACK) {
      scheduler.after(
          2 * network.way(),
          () -> {
            exchange.failure =
                new StoreException(StoreException.Kind.TRANSIENT, "rolled back", null);
            exchange.over();
          });
    } else {
      scheduler.after(
          network.way(),
          () -> {
            if (alone) {
              underWay.forEach(Timer::cancel);
            }
            underWay.clear();
            arrive(exchange, request, life);
            answer(exchange, fate, life);
          });
    }
  }

  private <T> void arrive(Exchange<T> exchange, Supplier<T> request, int life) {
    try {
      if (!server.up() || server.life() != life) {
        exchange.failure = unavailable("the database is not there");
      } else {
        exchange.result = request.get();
      }
    } catch (StoreException e) {
      exchange.failure = e;
    } catch (RuntimeException bug) {
      host.scheduler().fail(bug);
    }
  }

  private <T> void answer(Exchange<T> exchange, Fate fate, int life) {
    host.scheduler()
        .after(
            network.way(),
            () -> {
              if (fate == Fate.REPLY_LOST || network.cutOff() || server.life() != life) {
                host.scheduler()
                    .after(network.patience(), () -> fail(exchange, "the reply was lost"));
              } else {
                exchange.over();
              }
            });
  }

  private static <T> void fail(Exchange<T> exchange, String why) {
    exchange.result = null;
    exchange.failure = unavailable(why);
    exchange.over();
  }

  static StoreException unavailable(String why) {
    return new StoreException(StoreException.Kind.UNAVAILABLE, why, null);
  }
}
