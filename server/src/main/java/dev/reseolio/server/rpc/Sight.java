package dev.reseolio.server.rpc;

import dev.reseolio.engine.Engine;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.server.access.Caller;
import java.util.UUID;

/// Which jobs a caller may know of. For others it is as if they did not exist: whoever guesses ids
/// learns nothing from the answer.
record Sight(Engine engine, Caller caller) {

  /// The id, when the caller may know of the job. Asks the database only for callers that are
  /// limited to some functions.
  ///
  /// @throws EngineException `job_not_found`
  UUID of(UUID id) {
    if (caller.limited()) {
      require(caller, id, engine.functionOf(id));
    }
    return id;
  }

  static void require(Caller caller, UUID id, String function) {
    if (!caller.mayTouch(function)) {
      throw EngineException.noJob(id);
    }
  }
}
