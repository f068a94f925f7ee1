package dev.reseolio.engine.cluster;

import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.Nodes.Ring;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Listens on the control session, and opens it again when it is gone.
public final class Ears {
  private static final System.Logger LOG = System.getLogger(Ears.class.getName());
  private static final Duration TURN = Duration.ofSeconds(1);
  private static final long FIRST_PAUSE = 5_000_000;
  private static final long LONGEST_PAUSE = 1_000_000_000;

  private final Nodes nodes;
  private final Membership membership;
  private final Consumer<Ring> onRing;
  private final Runnable onLost;
  private final Machine machine;
  private final Thread thread;
  private volatile boolean connected = true;
  private volatile boolean stopping;

  /// @param onLost told each time the session is found gone
  public Ears(
      Machine machine, Nodes nodes, Membership membership, Consumer<Ring> onRing, Runnable onLost) {
    this.nodes = nodes;
    this.membership = membership;
    this.onRing = onRing;
    this.onLost = onLost;
    this.machine = machine;
    thread = machine.platformThread("reseolio-control", this::run);
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /// False from the moment the session is found gone until it is back.
  public boolean connected() {
    return connected;
  }

  public void stop() {
    stopping = true;
    thread.interrupt();
  }

  private void run() {
    long pause = FIRST_PAUSE;
    while (!stopping) {
      try {
        List<Ring> rings = nodes.awaitRings(TURN);
        rings.forEach(onRing);
        pause = FIRST_PAUSE;
      } catch (StoreException e) {
        if (!stopping) {
          connected = false;
          onLost.run();
          pause = reconnect(pause);
        }
      }
    }
  }

  private long reconnect(long pause) {
    try {
      membership.reconnect();
      connected = true;
      LOG.log(System.Logger.Level.INFO, "control session is back");
      return FIRST_PAUSE;
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "control session is still gone: {0}", e.getMessage());
      machine.parkNanos(pause);
      return Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
}
