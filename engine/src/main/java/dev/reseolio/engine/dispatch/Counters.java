package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.store.Flush;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What this node has recorded since it started.
public final class Counters {
  /// @param status of the job for its end
  public record JobsKey(int laneId, JobStatus status) {}

  private final Map<JobsKey, LongAdder> jobs = new ConcurrentHashMap<>();
  private final Map<AttemptOutcome, LongAdder> attempts = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();

  void recorded(Flush.Ending ending) {
    attempts.computeIfAbsent(ending.decision().outcome(), k -> new LongAdder()).increment();
    if (ending.decision() instanceof Decision.Finish f) {
      jobs.computeIfAbsent(new JobsKey(ending.laneId(), f.status()), k -> new LongAdder())
          .increment();
    }
  }

  void refusedStale() {
    refused.increment();
  }

  /// Finished jobs by lane and status.
  public Map<JobsKey, LongAdder> jobs() {
    return jobs;
  }

  public Map<AttemptOutcome, LongAdder> attempts() {
    return attempts;
  }

  /// Outcomes and steps of workers that no longer held the lease.
  public long refused() {
    return refused.sum();
  }
}
