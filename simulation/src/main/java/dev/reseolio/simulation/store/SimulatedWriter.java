package dev.reseolio.simulation.store;

import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.Writer;
import dev.reseolio.simulation.database.DatabaseSession;
import dev.reseolio.simulation.machine.Host;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The writer, with a session that bears the node's number while it is connected.
final class SimulatedWriter implements Writer {
  private final Host host;
  private final Server server;
  private final Connection connection;
  private @Nullable DatabaseSession session;
  private @Nullable NodeRef incarnation;
  private int timeline;

  SimulatedWriter(Host host, Server server, Connection connection) {
    this.host = host;
    this.server = server;
    this.connection = connection;
  }

  @Override
  public FlushReply flush(NodeRef me, Flush flush) {
    Flush sent =
        new Flush(
            new ArrayList<>(flush.endings()),
            new ArrayList<>(flush.steps()),
            new ArrayList<>(flush.spills()),
            flush.inserts(),
            flush.claim(),
            flush.adopt(),
            flush.repeated());
    try {
      if (!sent.repeated()) {
        Optional<FlushReply> reply =
            connection.call(() -> {
              name(me);
              return server.database().flushUnguarded(me, sent);
            });
        if (reply.isPresent()) {
          return reply.get();
        }
      }
      return connection.call(() -> {
        name(me);
        return server.database().flush(me, sent);
      });
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.UNAVAILABLE) {
        end();
      }
      throw e;
    }
  }

  /// As the real one: an incarnation ends with a failover.
  private void name(NodeRef me) {
    if (!me.equals(incarnation)) {
      incarnation = me;
      timeline = server.timeline();
    } else if (timeline != server.timeline()) {
      throw new StoreException(StoreException.Kind.FENCED, "the database failed over", null);
    }
    DatabaseSession named = session;
    if (!host.dead() && (named == null || named.ended() || named.node() != me.id())) {
      end();
      session = server.database().open(me.id(), false);
    }
  }

  private void end() {
    if (session != null) {
      server.database().end(session);
      session = null;
    }
  }

  @Override
  public void reset() {
    connection.breakOff();
    end();
  }

  /// Connections of the simulated network know when they are lost.
  @Override
  public void rescue() {}

  @Override
  public void close() {
    reset();
  }
}
