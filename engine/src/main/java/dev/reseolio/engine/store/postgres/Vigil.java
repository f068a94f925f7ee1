package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StoreException;
import dev.reseolio.engine.store.StoreException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The session in which a node waits for the loss of another: one of its own, because a wait in the
/// pool would take a turn from the short calls. There is none as long as nobody is waited for. For
/// one caller at a time, who is never kept much longer than his patience: he has others to look
/// after.
final class Vigil implements AutoCloseable {
  private static final String AWAIT_LOSS = "SELECT await_loss(hashtext(?), ?, ?)";

  /// What an answer may take beyond the wait; a connection that takes longer is lost.
  private static final int ANSWER_MILLIS = 1000;

  private final Connections connections;
  private volatile @Nullable CompletableFuture<Connection> opening;
  private volatile @Nullable Connection session;
  private volatile boolean closed;

  Vigil(Connections connections) {
    this.connections = connections;
  }

  /// As [dev.reseolio.engine.store.Nodes#awaitLoss]. False as well while there is no session yet,
  /// and once this is closed.
  boolean await(int node, Duration patience) {
    Connection on = closed ? null : opened(patience);
    if (on == null) {
      return false;
    }
    try (PreparedStatement await = on.prepareStatement(AWAIT_LOSS)) {
      on.setNetworkTimeout(Runnable::run, (int) patience.toMillis() + ANSWER_MILLIS);
      new Binder(await).set(connections.schema()).set(node).set((int) patience.toMillis());
      try (ResultSet row = await.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      rest();
      throw SqlErrors.store(e);
    }
  }

  private @Nullable Connection opened(Duration patience) {
    Connection known = session;
    if (known != null) {
      return known;
    }
    CompletableFuture<Connection> future = opening;
    if (future == null) {
      future =
          CompletableFuture.supplyAsync(
              () -> connections.openDedicated("vigil"), Thread::startVirtualThread);
      opening = future;
    }
    try {
      Connection fresh = future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      opening = null;
      session = fresh;
      if (closed) {
        rest();
        return null;
      }
      return fresh;
    } catch (TimeoutException soon) {
      return null;
    } catch (ExecutionException e) {
      opening = null;
      throw e.getCause() instanceof StoreException why
          ? why
          : new StoreException(Kind.UNAVAILABLE, String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
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
    CompletableFuture<Connection> future = opening;
    if (future != null) {
      var _ = future.thenAccept(Sessions::abort);
    }
  }
}
