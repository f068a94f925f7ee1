package dev.reseolio.engine.dispatch;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Hints for whoever may be waiting, here or on other nodes. Losing one costs latency, never work.
public interface Bell {
  /// A lane got jobs in `ready`.
  void ready(int laneId);

  /// A job is due at that time.
  void due(Instant at);

  /// Jobs that came from other nodes are finished.
  void done(List<UUID> jobs);
}
