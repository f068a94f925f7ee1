package dev.reseolio;

import dev.reseolio.internal.client.Waiting;
import dev.reseolio.internal.wire.Statuses;
import dev.reseolio.proto.v1.JobResult;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A job, seen from any process. Holds nothing but the id: every question goes to the server.
public final class JobHandle<R extends @Nullable Object> {
  private final Core core;
  private final String id;
  private final Type resultType;

  JobHandle(Core core, String id, Type resultType) {
    this.core = core;
    this.id = id;
    this.resultType = resultType;
  }

  /// A UUID of version 7, as text.
  public String id() {
    return id;
  }

  public JobStatus status() {
    return details().status();
  }

  /// Waits for the end of the job, however long it takes, and returns what the function returned.
  ///
  /// @throws JobFailedException when the job is dead
  /// @throws JobCancelledException when it was cancelled
  public R result() {
    return valueOf(Waiting.join(core.results().watch(id)));
  }

  /// The same, but no longer than this.
  ///
  /// @throws ResultTimeoutException when the job was not finished in time; it goes on
  public R result(Duration atMost) {
    try {
      return valueOf(core.results().watch(id).get(atMost.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      throw new ResultTimeoutException(id, atMost);
    } catch (ExecutionException e) {
      throw Waiting.unwrapped(e);
    } catch (InterruptedException e) {
      throw Waiting.interrupted(e);
    }
  }

  /// The same without waiting; fails with the exceptions of [#result()].
  public CompletableFuture<R> resultAsync() {
    return core.results().watch(id).thenApplyAsync(this::valueOf, core.completions());
  }

  /// Arguments, attempts with errors and times, steps, result.
  public JobDetails details() {
    return new JobDetails(core.jobs().get(id), core.payloads());
  }

  /// Cancels the job, or asks its worker to stop. False when it was finished already.
  public boolean cancel() {
    return core.jobs().cancel(id);
  }

  /// Gives a dead or cancelled job a new round of attempts under the same id. False when it is
  /// neither.
  public boolean retry() {
    return core.jobs().retry(id);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // the codec makes what the type says
  private R valueOf(JobResult end) {
    return switch (Statuses.of(end.getStatus())) {
      case SUCCEEDED -> (R) core.payloads().decode(end.getResult(), resultType);
      case CANCELLED -> throw new JobCancelledException(id);
      case DEAD, SCHEDULED, PENDING, RUNNING, WAITING, UNKNOWN ->
          throw new JobFailedException(
              id, end.getAttempt(), end.getError().getType(), end.getError().getMessage());
    };
  }

  @Override
  public String toString() {
    return "job " + id;
  }
}
