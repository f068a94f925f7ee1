package dev.reseolio.engine.store;

import java.time.Duration;

/// Upkeep of the tables themselves. One node at a time does it, whichever comes first.
public interface Maintenance {
  /// Creates the partitions of today and of the next days that are missing. Safe beside a live
  /// application.
  void ensurePartitions();

  /// Drops partitions older than the retention in which no job is unfinished, empties the others of
  /// finished jobs in small batches, and deletes expired keys and settled nodes. Returns how many
  /// jobs went.
  long prune(Duration retention);
}
