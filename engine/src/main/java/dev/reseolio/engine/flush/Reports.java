package dev.reseolio.engine.flush;

import dev.reseolio.engine.store.Flush;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// What executions report and no flush has taken yet. Any thread adds, the flusher's takes.
final class Reports {
  private static final long MUCH_BYTES = 8 << 20;
  private static final int STEP_BYTES = 200;

  private final ConcurrentLinkedQueue<Flush.Ending> endings = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Flush.Step> steps = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Flush.Spill> spills = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();

  void end(List<Flush.Ending> some) {
    some.forEach(ending -> bytes.addAndGet(ending.resultBytes()));
    endings.addAll(some);
  }

  void record(List<Flush.Step> some) {
    some.forEach(step -> bytes.addAndGet(bytes(step)));
    steps.addAll(some);
  }

  void spill(List<Flush.Spill> some) {
    spills.addAll(some);
  }

  /// With what it takes up itself: unlike an ending, an execution may have any number of steps.
  private static int bytes(Flush.Step step) {
    return STEP_BYTES + 2 * step.key().length() + step.result().size();
  }

  /// True while the results are much for the memory.
  boolean crowded() {
    return bytes.get() > MUCH_BYTES;
  }

  boolean isEmpty() {
    return endings.isEmpty() && steps.isEmpty() && spills.isEmpty();
  }

  /// Moves what fits into a batch. What this incarnation does not hold any more is not written.
  void take(Batch batch, Dispatch dispatch) {
    // Handlers wait for their steps: no number of endings keeps them out.
    for (Flush.Step s; !batch.halfFull() && (s = steps.poll()) != null; ) {
      add(s, batch, dispatch);
    }
    for (Flush.Ending e; !batch.full() && (e = endings.poll()) != null; ) {
      bytes.addAndGet(-e.resultBytes());
      if (dispatch.holds(e.job(), e.attempt())) {
        batch.add(e);
        dispatch.ending(e);
      }
    }
    // After the endings too: a step is handed over before the ending of its execution. One that
    // finds no room beside it is no longer held the next time, and not written.
    for (Flush.Step s; !batch.full() && (s = steps.poll()) != null; ) {
      add(s, batch, dispatch);
    }
    // After the endings and all of them: a spill is handed over before the ending of its execution.
    for (Flush.Spill s; (s = spills.poll()) != null; ) {
      if (dispatch.holds(s.job(), s.progress().attempt())) {
        batch.add(s);
      }
    }
  }

  private void add(Flush.Step step, Batch batch, Dispatch dispatch) {
    bytes.addAndGet(-bytes(step));
    if (dispatch.holds(step.job(), step.attempt())) {
      batch.add(step);
    }
  }
}
