package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The session in which a node waits for the loss of another: one of its own, because a wait in the
/// pool would take a turn from the short calls. There is none as long as nobody is waited for. For
/// one caller at a time.
final class Vigil implements AutoCloseable {
  private static final String AWAIT_LOSS = "SELECT await_loss(hashtext(?), ?, ?)";

  private final Connections connections;
  private volatile @Nullable Connection session;
  private volatile boolean closed;

  Vigil(Connections connections) {
    this.connections = connections;
  }

  /// As [dev.reseolio.engine.store.Nodes#awaitLoss]. False once this is closed.
  boolean await(int node, Duration patience) {
    if (closed) {
      return false;
    }
    try (PreparedStatement await = opened().prepareStatement(AWAIT_LOSS)) {
      new Binder(await).set(connections.schema()).set(node).set((int) patience.toMillis());
      try (ResultSet row = await.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      rest();
      throw SqlErrors.store(e);
    }
  }

  private Connection opened() {
    Connection known = session;
    if (known != null) {
      return known;
    }
    Connection fresh = connections.openDedicated("vigil");
    session = fresh;
    if (closed) {
      rest();
      throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is closed", null);
    }
    return fresh;
  }

  /// Gives the session up until somebody is to be waited for again.
  void rest() {
    Connection old = session;
    session = null;
    Sessions.abort(old);
  }

  @Override
  public void close() {
    closed = true;
    rest();
  }
}
