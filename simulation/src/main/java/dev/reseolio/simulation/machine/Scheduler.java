package dev.reseolio.simulation.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Runs everything of one simulation on the calling thread. The seed says which runnable thread
/// goes on next; time passes a little with each step, and jumps to the next event when nothing can
/// run.
public final class Scheduler {
  private static final int LONGEST_STEP_NANOS = 4_000;

  private final SplittableRandom random;
  private final List<Step> runnable = new ArrayList<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long now;
  private long timersMade;
  private long steps;
  private @Nullable Throwable failure;

  private record Step(Host host, Runnable continuation) {}

  public Scheduler(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /// Nanoseconds since the start of the simulation.
  public long now() {
    return now;
  }

  public long steps() {
    return steps;
  }

  /// Chance that depends on nothing but the seed and the moment it is split off.
  public RandomGenerator split() {
    return random.split();
  }

  /// Does something after a while, on no process in particular.
  public Timer after(long nanos, Runnable action) {
    Timer timer = new Timer(now + Math.max(0, nanos), timersMade++, action);
    timers.add(timer);
    return timer;
  }

  void ready(Host host, Runnable continuation) {
    runnable.add(new Step(host, continuation));
  }

  /// Something broke that must not break, whatever the faults.
  public void fail(Throwable why) {
    if (failure == null) {
      failure = why;
    }
  }

  /// Runs until that time, or until something is left to nobody.
  public void runUntil(long until) {
    while (now < until && failure == null) {
      Timer next = timers.peek();
      if (next != null && (next.cancelled() || next.at() <= now)) {
        timers.remove().fire();
      } else if (!runnable.isEmpty()) {
        step();
      } else {
        now = next == null ? until : Math.min(until, next.at());
      }
    }
    if (failure != null) {
      throw new AssertionError("a thread of the simulation failed: " + failure, failure);
    }
  }

  private void step() {
    int chosen = random.nextInt(runnable.size());
    Step last = runnable.removeLast();
    Step step = chosen == runnable.size() ? last : runnable.set(chosen, last);
    now += random.nextInt(1, LONGEST_STEP_NANOS);
    steps++;
    step.host.run(step.continuation);
  }
}
