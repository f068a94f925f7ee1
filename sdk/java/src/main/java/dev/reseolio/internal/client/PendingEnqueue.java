package dev.reseolio.internal.client;

import dev.reseolio.ReseolioException;
import dev.reseolio.internal.wire.Errors;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueResult;
import java.util.concurrent.CompletableFuture;

/// One call on its way to the database; completes with the id of the job when that is committed.
final class PendingEnqueue extends CompletableFuture<String> {
  private final EnqueueRequest request;
  private final long giveUpNanos;
  private volatile boolean mayHaveArrived;

  PendingEnqueue(EnqueueRequest request, long giveUpNanos) {
    this.request = request;
    this.giveUpNanos = giveUpNanos;
  }

  EnqueueRequest request() {
    return request;
  }

  long giveUpNanos() {
    return giveUpNanos;
  }

  boolean hasKey() {
    return !request.getIdempotencyKey().isEmpty();
  }

  boolean expired() {
    return System.nanoTime() - giveUpNanos >= 0;
  }

  void markSent() {
    mayHaveArrived = true;
  }

  /// True when the server's answer settles it; false when it is to be sent again.
  boolean settle(EnqueueResult result) {
    if (result.hasEnqueued()) {
      return complete(result.getEnqueued().getJobId());
    }
    String reason = result.getError().getReason();
    boolean unknown = reason.equals("outcome_unknown");
    mayHaveArrived |= unknown;
    boolean again = reason.equals("shutting_down") || (unknown && hasKey());
    return !again && completeExceptionally(Errors.of(result.getError(), null));
  }

  /// Nobody will send it again.
  void abandon(ReseolioException why) {
    completeExceptionally(mayHaveArrived ? unknown() : why);
  }

  void failUnknown() {
    completeExceptionally(unknown());
  }

  private ReseolioException unknown() {
    String advice =
        hasKey()
            ? "; call again with the same key"
            : "; use an idempotencyKey to make calls safe to repeat";
    return new ReseolioException(
        "outcome_unknown",
        "The connection was lost after the call to "
            + request.getFunction()
            + " was sent; the job may exist or not"
            + advice);
  }
}
