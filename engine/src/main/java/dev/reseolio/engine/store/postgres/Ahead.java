package dev.reseolio.engine.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A connection that opens while a start does other things; the first who needs one of its own
/// takes it. The login alone computes for 25 ms, and loads the JVM's cryptography before. When it
/// fails nobody is told: who needs a connection then opens one and sees why.
final class Ahead implements AutoCloseable {
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Connection>> opening =
      new AtomicReference<>();

  private final String purpose;

  /// Opens nothing.
  Ahead() {
    purpose = "";
  }

  private Ahead(Connector connector, String purpose) {
    this.purpose = purpose;
    CompletableFuture<@Nullable Connection> future = new CompletableFuture<>();
    opening.set(future);
    Thread.startVirtualThread(
        () -> future.completeAsync(() -> open(connector, purpose), Runnable::run));
  }

  static Ahead start(Connector connector, String purpose) {
    return new Ahead(connector, purpose);
  }

  private static @Nullable Connection open(Connector connector, String purpose) {
    try {
      return connector.open(purpose);
    } catch (SQLException | RuntimeException e) {
      return null;
    }
  }

  /// The connection, once; null when there is none for this purpose.
  @Nullable Connection take(String wanted) {
    if (!wanted.equals(purpose)) {
      return null;
    }
    CompletableFuture<@Nullable Connection> future = opening.getAndSet(null);
    if (future == null) {
      return null;
    }
    try {
      Connection open = future.join();
      return open != null && open.isValid(1) ? open : null;
    } catch (SQLException | CompletionException e) {
      return null;
    }
  }

  @Override
  public void close() {
    CompletableFuture<@Nullable Connection> future = opening.getAndSet(null);
    if (future != null) {
      var _ = future.thenAccept(Sessions::abort);
    }
  }
}
