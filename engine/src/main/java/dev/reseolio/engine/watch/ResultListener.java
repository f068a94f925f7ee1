package dev.reseolio.engine.watch;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.store.JobEnd;
import java.util.UUID;

/// Is told how a job has ended, on a thread that has others to tell: do nothing long there.
public interface ResultListener {
  void ended(JobEnd end);

  /// There is no such job, or it cannot be waited for any more.
  void failed(UUID job, EngineException why);
}
