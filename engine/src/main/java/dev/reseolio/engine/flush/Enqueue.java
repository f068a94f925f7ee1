package dev.reseolio.engine.flush;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// An enqueue on its way through the flusher. Touched by the flusher's thread only, but for the
/// reply.
final class Enqueue {
  private final NewJob job;
  private final Source source;
  private Lane lane;
  private final long giveUpNanos;
  private final CompletableFuture<Enqueued> reply = new CompletableFuture<>();
  private final List<Enqueue> followers = new ArrayList<>(0);
  private @Nullable UUID id;
  private Dispatch.@Nullable Seat seat;

  Enqueue(NewJob job, Source source, Lane lane, long giveUpNanos) {
    this.job = job;
    this.source = source;
    this.lane = lane;
    this.giveUpNanos = giveUpNanos;
  }

  NewJob job() {
    return job;
  }

  Source source() {
    return source;
  }

  Lane lane() {
    return lane;
  }

  /// The database failed over: the lane may have another number there.
  void lane(Lane now) {
    lane = now;
  }

  CompletableFuture<Enqueued> reply() {
    return reply;
  }

  boolean expired(long nowNanos) {
    return nowNanos - giveUpNanos > 0;
  }

  @Nullable String key() {
    return job.labels().key();
  }

  /// Another enqueue of the same key that came into the same flush.
  void follow(Enqueue follower) {
    followers.add(follower);
  }

  List<Enqueue> followers() {
    return followers;
  }

  UUID id() {
    return Objects.requireNonNull(id);
  }

  /// Gives the job its id, once: a repeated flush names the same job.
  void identify(Ids ids, Instant now) {
    if (id == null) {
      id = ids.next(now);
    }
  }

  Dispatch.@Nullable Seat seat() {
    return seat;
  }

  void seat(Dispatch.@Nullable Seat reserved) {
    seat = reserved;
  }

  Flush.Insert insert() {
    return new Flush.Insert(id(), lane, job, seat != null);
  }

  Claimed claimed(Instant createdAt) {
    return new Claimed(
        id(),
        lane.id(),
        Progress.FIRST,
        job.policy(),
        job.args(),
        createdAt,
        job.due().deadline(),
        key(),
        null);
  }

  void succeed(UUID holder) {
    reply.complete(new Enqueued(holder, !holder.equals(id)));
    followers.forEach(f -> f.reply.complete(new Enqueued(holder, true)));
  }

  void fail(EngineException why) {
    reply.completeExceptionally(why);
    followers.forEach(f -> f.fail(why));
  }
}
