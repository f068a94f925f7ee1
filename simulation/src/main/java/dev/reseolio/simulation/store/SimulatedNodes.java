package dev.reseolio.simulation.store;

import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.simulation.database.DatabaseSession;
import dev.reseolio.simulation.machine.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Liveness by session, doorbells on it.
final class SimulatedNodes implements Nodes {
  private static final long GIVE_UP = 5_000_000_000L;
  private static final long LOOK_AGAIN = 100_000_000L;
  private static final long STRAY = 6_000_000_000L;

  private final Host host;
  private final Server server;
  private final Connection connection;
  private @Nullable DatabaseSession control;

  SimulatedNodes(Host host, Server server, Connection connection) {
    this.host = host;
    this.server = server;
    this.connection = connection;
  }

  @Override
  public NodeRef join(String name, String version) {
    int id = connection.call(server.database()::nextNode);
    NodeRef me = new NodeRef(id, host.randomUuid());
    reconnect(me);
    connection.call(() -> {
      server.database().register(me);
      return me;
    });
    return me;
  }

  @Override
  public void reconnect(NodeRef me) {
    close();
    long giveUp = host.nanoTime() + GIVE_UP;
    while (control == null) {
      control = proveLife(me.id());
      if (control == null && host.nanoTime() - giveUp > 0) {
        throw Connection.unavailable("another session proves life for node " + me.id());
      }
      host.parkNanos(1_000_000);
    }
  }

  /// A session that was opened for a caller who never heard of it ends when the server notices.
  private @Nullable DatabaseSession proveLife(int node) {
    List<DatabaseSession> opened = new ArrayList<>();
    try {
      connection.call(() -> {
        if (!server.database().controlled(node) && !host.dead()) {
          opened.add(server.database().open(node, true));
        }
        return opened;
      });
      return opened.isEmpty() ? null : opened.getFirst();
    } catch (StoreException lost) {
      host.scheduler().after(STRAY, () -> opened.forEach(server.database()::end));
      throw lost;
    }
  }

  @Override
  public void leave(NodeRef me) {
    connection.call(() -> {
      server.database().signOff(me);
      return true;
    });
  }

  @Override
  public void beat(NodeRef me, long counter, UUID lowId, int[] offered) {
    List<Integer> offers = Arrays.stream(offered).boxed().toList();
    connection.call(() -> {
      server.database().beat(me, counter, lowId, offers);
      return true;
    });
  }

  @Override
  public List<Peer> peers(NodeRef me) {
    return connection.call(() -> server.database().peers(me));
  }

  @Override
  public boolean awaitLoss(int node, Duration patience) {
    long until = host.nanoTime() + patience.toNanos();
    while (host.nanoTime() - until < 0) {
      if (!connection.call(() -> server.database().controlled(node))) {
        return true;
      }
      host.parkNanos(LOOK_AGAIN);
    }
    return false;
  }

  @Override
  public boolean takeOver(NodeRef me, int victim, int crashBudget) {
    return connection.call(() -> server.database().takeOver(victim, crashBudget));
  }

  @Override
  public int sweepFenced(NodeRef me, int crashBudget) {
    return connection.call(() -> server.database().sweep(crashBudget));
  }

  @Override
  public List<Ring> awaitRings(Duration timeout) {
    DatabaseSession on = control;
    if (on == null || on.ended()) {
      throw Connection.unavailable("no control session");
    }
    Thread me = Thread.currentThread();
    on.onRing(() -> LockSupport.unpark(me));
    if (on.silent()) {
      host.parkNanos(timeout.toNanos());
    }
    if (on.ended()) {
      throw Connection.unavailable("the control session is gone");
    }
    return on.take();
  }

  @Override
  public void ring(Ring ring) {
    connection.call(() -> {
      server.database().ring(ring);
      return true;
    });
  }

  void endSession() {
    if (control != null) {
      server.database().end(control);
    }
  }

  @Override
  public void close() {
    endSession();
    control = null;
  }
}
