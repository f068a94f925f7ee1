package dev.reseolio.engine.store;

import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a committed flush did.
///
/// @param inserted ids that were inserted by this very call
/// @param keyed for every insert with a key: its own id, or the id of the job that holds the key
/// @param claimed jobs taken out of `ready`, now leased to the node
/// @param adopted leases the node holds, when asked for
/// @param withheld jobs among `claimed` and `adopted` that came without their arguments, because
///   those before them were large
public record FlushReply(
    Set<UUID> inserted,
    Map<UUID, UUID> keyed,
    List<Claimed> claimed,
    List<Claimed> adopted,
    Set<UUID> withheld) {

  /// A job as it is needed to run it.
  ///
  /// @param deadline total deadline; null: none
  /// @param key idempotency key; null: none
  /// @param lastError of the execution before, without its stack; null: there was none, or it did
  ///   not fail
  public record Claimed(
      UUID id,
      int laneId,
      Progress progress,
      RunPolicy policy,
      Payload args,
      Instant createdAt,
      @Nullable Instant deadline,
      @Nullable String key,
      @Nullable JobError lastError) {

    public Claimed withoutArgs() {
      return new Claimed(
          id, laneId, progress, policy, Payload.EMPTY, createdAt, deadline, key, lastError);
    }
  }
}
