package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The rows of the tables, and the keys they are found by.
final class Rows {
  private Rows() {}

  /// @param owner 0: none
  record Job(UUID id, Instant createdAt, int lane, int owner, NewJob asked) {}

  record Done(
      UUID id,
      Instant finishedAt,
      @Nullable Instant startedAt,
      int lane,
      int owner,
      JobStatus status,
      AttemptOutcome outcome,
      Progress progress,
      @Nullable Payload result,
      @Nullable JobError error) {}

  record AttemptKey(UUID job, int attempt) implements Comparable<AttemptKey> {
    private static final Comparator<AttemptKey> ORDER =
        Comparator.comparing(AttemptKey::job).thenComparingInt(AttemptKey::attempt);

    @Override
    public int compareTo(AttemptKey other) {
      return ORDER.compare(this, other);
    }
  }

  record Attempt(
      int owner,
      AttemptOutcome outcome,
      @Nullable Instant startedAt,
      Instant endedAt,
      @Nullable Instant retryAt,
      Progress progress,
      @Nullable JobError error) {}

  record StepKey(UUID job, String key) implements Comparable<StepKey> {
    private static final Comparator<StepKey> ORDER =
        Comparator.comparing(StepKey::job).thenComparing(StepKey::key);

    @Override
    public int compareTo(StepKey other) {
      return ORDER.compare(this, other);
    }
  }

  record Step(int attempt, int owner, Payload result) {}

  record ReadyKey(int lane, int priority, long seq) implements Comparable<ReadyKey> {
    private static final Comparator<ReadyKey> ORDER =
        Comparator.comparingInt(ReadyKey::lane)
            .thenComparingInt(ReadyKey::priority)
            .thenComparingLong(ReadyKey::seq);

    @Override
    public int compareTo(ReadyKey other) {
      return ORDER.compare(this, other);
    }
  }

  record Ready(UUID id, Progress progress) {}

  record TimerKey(Instant runAt, UUID id) implements Comparable<TimerKey> {
    private static final Comparator<TimerKey> ORDER =
        Comparator.comparing(TimerKey::runAt).thenComparing(TimerKey::id);

    @Override
    public int compareTo(TimerKey other) {
      return ORDER.compare(this, other);
    }
  }

  record Waiting(int lane, int priority, Progress progress) {}

  record Lease(int lane, int owner, Progress progress, Instant startedAt) {}

  record KeyName(int function, String key) {}

  record Key(UUID id, Instant expiresAt) {}

  enum NodeState {
    LIVE(1),
    FENCED(2),
    SETTLED(3);

    private final int code;

    NodeState(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  record Node(UUID token, NodeState state) {}

  record Beat(long beat, UUID lowId, List<Integer> offers) {}
}
