package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes;
import dev.reseolio.engine.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// Liveness by session: every node keeps one idle connection that holds an advisory lock on its
/// number and listens for doorbells. The kernel closes it when the process dies, so the lock is
/// free within milliseconds. A frozen process keeps its lock; its beat stands still.
///
/// Behind a pooler no session is the node's own. It says so with its beat, which is then its only
/// sign of life, and looks for itself instead of listening.
final class PostgresNodes implements Nodes {
  private static final System.Logger LOG = System.getLogger(PostgresNodes.class.getName());

  /// What the control session is opened for.
  static final String CONTROL = "control";

  private static final String NEXT_ID = "SELECT nextval(pg_get_serial_sequence('node', 'id'))::int";
  private static final String LOCK = "SELECT pg_try_advisory_lock(hashtext(?), ?)";
  private static final String REGISTER =
      """
      WITH me AS (
        INSERT INTO node (id, token, name, version) OVERRIDING SYSTEM VALUE VALUES (?, ?, ?, ?) RETURNING id)
      INSERT INTO node_beat (node, beat, low_id, pooled) SELECT id, 0, id_of(now() - interval '1 minute'), ? FROM me\
      """;

  /// Committed asynchronously: a beat that a crash of the database loses costs nothing.
  private static final String BEAT =
      """
      WITH lazily AS (SELECT set_config('synchronous_commit', 'off', true))
      UPDATE node_beat SET beat = ?, low_id = ?, offers = ?, pooled = ? FROM lazily
      WHERE node = ? AND EXISTS (SELECT FROM node n WHERE n.id = node_beat.node AND n.token = ? AND n.state = 1)\
      """;

  /// The lock is tried for the length of the statement only, and shared: whoever asks holds it for
  /// microseconds, and looks of others do not see each other.
  private static final String PEERS =
      """
      SELECT p.id, p.beat, NOT p.free,
             NOT p.free OR EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = left('reseolio:node:' || p.id || ':' || ?, 63)),
             p.pooled
      FROM (SELECT n.id, b.beat, b.pooled, pg_try_advisory_xact_lock_shared(hashtext(?), n.id) AS free
            FROM node n JOIN node_beat b ON b.node = n.id
            WHERE n.state = 1 AND n.id <> ?) p\
      """;

  private static final String CANCEL_REQUESTED = "SELECT EXISTS (SELECT FROM cancel_request)";

  private final Connections connections;
  private final TakeOver takeOver;
  private final Vigil vigil;
  private volatile @Nullable Connection control;
  private volatile boolean pooled;
  private boolean announced;
  private volatile int joinedOn;

  PostgresNodes(Connections connections) {
    this.connections = connections;
    this.takeOver = new TakeOver(connections);
    this.vigil = new Vigil(connections);
  }

  @Override
  public NodeRef join(String name, String version) {
    int id = connections.with(PostgresNodes::nextId);
    int timeline = connections.timeline().current();
    NodeRef me = new NodeRef(id, UUID.randomUUID());
    reconnect(me);
    connections.with(sql -> {
      try (PreparedStatement register = sql.prepareStatement(REGISTER)) {
        new Binder(register).set(id).set(me.token()).set(name).set(version).set(pooled);
        return register.executeUpdate();
      }
    });
    joinedOn = timeline;
    return me;
  }

  private static int nextId(Connection sql) throws SQLException {
    try (PreparedStatement next = sql.prepareStatement(NEXT_ID);
        ResultSet row = next.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  @Override
  public void leave(NodeRef me) {
    takeOver.signOff(me);
  }

  @Override
  public void reconnect(NodeRef me) {
    closeControl();
    vigil.rest(); // It may be with a server from before a failover.
    Connection fresh = connections.openDedicated(CONTROL);
    try {
      pooled = Pooled.is(fresh);
      if (pooled) {
        fresh.close();
        announce();
        return;
      }
      Sessions.nameAfter(fresh, connections.schema(), me.id());
      lock(fresh, me.id());
      try (var listen = fresh.createStatement()) {
        listen.execute("LISTEN " + fresh.unwrap(PGConnection.class).escapeIdentifier(channel()));
      }
      control = fresh;
    } catch (SQLException e) {
      Sessions.abort(fresh);
      throw SqlErrors.store(e);
    } catch (StoreException e) {
      Sessions.abort(fresh);
      throw e;
    }
  }

  private void announce() {
    if (!announced) {
      announced = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "a connection pooler is between this sidecar and PostgreSQL: heartbeat-only mode. Should this sidecar die, others find out by its missing beat after dead-after, not at once; jobs, results and cancellations of other sidecars are found by polling, up to a second later. With direct connections (one for listening, one for writing, one that waits for the loss of a peer, pool-size more) neither is so");
    }
  }

  /// Tries until it succeeds: the old session's backend may need a moment to go, and a watcher may
  /// hold the lock for the length of its look.
  private void lock(Connection on, int id) throws SQLException {
    long giveUp = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    try (PreparedStatement lock = on.prepareStatement(LOCK)) {
      new Binder(lock).set(connections.schema()).set(id);
      while (!isTrue(lock)) {
        if (System.nanoTime() > giveUp) {
          throw new StoreException(
              StoreException.Kind.UNAVAILABLE, "another session proves life for node " + id, null);
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private static boolean isTrue(PreparedStatement lock) throws SQLException {
    try (ResultSet row = lock.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  @Override
  public void beat(NodeRef me, long counter, UUID lowId, int[] offeredFunctionIds) {
    int beaten =
        connections.with(sql -> {
          if (connections.timeline().current() != joinedOn) {
            return 0; // What this node knows has ended may be open again on the copy.
          }
          try (PreparedStatement beat = sql.prepareStatement(BEAT)) {
            new Binder(beat)
                .set(counter)
                .set(lowId)
                .ints(offeredFunctionIds)
                .set(pooled)
                .set(me.id())
                .set(me.token());
            return beat.executeUpdate();
          }
        });
    if (beaten == 0) {
      throw new StoreException(StoreException.Kind.FENCED, "node " + me.id() + " is fenced", null);
    }
  }

  @Override
  public List<Peer> peers(NodeRef me) {
    List<Peer> peers = connections.with(sql -> look(sql, me));
    if (peers.isEmpty()) {
      vigil.rest();
    }
    return peers;
  }

  private List<Peer> look(Connection sql, NodeRef me) throws SQLException {
    try (PreparedStatement look = sql.prepareStatement(PEERS)) {
      new Binder(look).set(connections.schema()).set(connections.schema()).set(me.id());
      try (ResultSet rows = look.executeQuery()) {
        List<Peer> peers = new ArrayList<>();
        while (rows.next()) {
          peers.add(
              new Peer(
                  rows.getInt(1),
                  rows.getLong(2),
                  rows.getBoolean(3),
                  rows.getBoolean(4),
                  rows.getBoolean(5)));
        }
        return peers;
      }
    }
  }

  @Override
  public boolean awaitLoss(int node, Duration patience) {
    return !pooled && vigil.await(node, patience);
  }

  @Override
  public boolean takeOver(NodeRef me, int victim, int crashBudget) {
    return takeOver.fence(me, victim, crashBudget);
  }

  @Override
  public int sweepFenced(NodeRef me, int crashBudget) {
    return takeOver.sweep(crashBudget);
  }

  @Override
  public List<Ring> awaitRings(Duration timeout) {
    if (pooled) {
      return lookAround(timeout);
    }
    Connection on = control;
    if (on == null) {
      throw new StoreException(StoreException.Kind.UNAVAILABLE, "no control session", null);
    }
    try {
      PGNotification[] heard =
          on.unwrap(PGConnection.class).getNotifications((int) timeout.toMillis());
      List<Ring> rings = new ArrayList<>();
      for (PGNotification one : heard == null ? new PGNotification[0] : heard) {
        Doorbell.decode(one.getParameter()).ifPresent(rings::add);
      }
      return rings;
    } catch (SQLException e) {
      throw SqlErrors.store(e);
    }
  }

  /// Who cannot listen asks after a while: all else that rings is polled by everybody. The question
  /// also tells whether the database is there.
  private List<Ring> lookAround(Duration pause) {
    LockSupport.parkNanos(pause.toNanos());
    boolean asked =
        connections.with(sql -> {
          try (PreparedStatement look = sql.prepareStatement(CANCEL_REQUESTED)) {
            return isTrue(look);
          }
        });
    return asked ? List.of(new Ring.CancelRequested()) : List.of();
  }

  @Override
  public void ring(Ring ring) {
    Doorbell.send(connections, channel(), ring);
  }

  private String channel() {
    return Doorbell.channel(connections.schema());
  }

  @Override
  public void close() {
    closeControl();
    vigil.close();
  }

  private void closeControl() {
    Connection old = control;
    control = null;
    Sessions.abort(old);
  }
}
