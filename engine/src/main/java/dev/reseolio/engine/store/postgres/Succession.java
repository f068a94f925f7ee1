package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.NodeRef;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// One connection of a writer after the other, each numbered in the node's row. What a lost one may
/// have under way is over before its successor writes: a flush at work is ended, and one that a
/// pooler still holds finds another number at the fence. What it committed nobody would know of.
final class Succession {
  /// Waits for a flush of the last connection that has passed the fence.
  private static final String SUCCEED =
      """
      WITH bound AS MATERIALIZED (SELECT set_config('lock_timeout', '1s', true))
      UPDATE node SET writer = writer + 1 FROM bound WHERE id = ? AND token = ? AND state = 1 RETURNING writer\
      """;

  private final String schema;
  private volatile int lastBackend;
  private volatile int node;
  private int number;

  Succession(String schema) {
    this.schema = schema;
  }

  /// Makes a new connection the one that writes.
  void succeed(Connection fresh, NodeRef me) throws SQLException {
    if (lastBackend != 0) {
      Sessions.end(fresh, Sessions.name(schema, node), lastBackend);
      int next = next(fresh, me);
      name(fresh, me);
      number = next;
    } else {
      name(fresh, me);
    }
    lastBackend = Sessions.backend(fresh);
  }

  /// The connection goes on under another incarnation, whose row counts anew.
  void name(Connection connection, NodeRef me) throws SQLException {
    Sessions.nameAfter(connection, schema, me.id());
    node = me.id();
    number = 0;
  }

  boolean isNamed(NodeRef me) {
    return node == me.id();
  }

  int number() {
    return number;
  }

  /// True while the server is at work on what the writing connection has sent.
  boolean isAtWork(Connection by) throws SQLException {
    return Sessions.isAtWork(by, Sessions.name(schema, node), lastBackend);
  }

  /// A node that was taken over has none; the fence will tell.
  private static int next(Connection fresh, NodeRef me) throws SQLException {
    try (PreparedStatement succeed = fresh.prepareStatement(SUCCEED)) {
      new Binder(succeed).set(me.id()).set(me.token());
      try (ResultSet row = succeed.executeQuery()) {
        return row.next() ? row.getInt(1) : 0;
      }
    }
  }
}
