package dev.reseolio.engine.dispatch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A worker that introduces itself.
///
/// @param functions names it offers
/// @param credits executions it will hold at once, 0 to 100000
/// @param process null: unknown
/// @param resume the session it had before its connection broke; null: a new one
public record WorkerHello(
    String workerId,
    List<String> functions,
    int credits,
    @Nullable WorkerProcess process,
    @Nullable Resume resume) {

  /// @param leases what the worker still holds
  public record Resume(String session, List<LeaseKey> leases) {}
}
