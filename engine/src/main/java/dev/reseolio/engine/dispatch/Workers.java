package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.flush.Flusher;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Lifecycle;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.Writer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// This room put together: the parts of dispatch and the flusher that serves them.
public final class Workers {
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private final Executions executions;
  private final Sessions sessions;
  private final Polls polls;
  private final Flusher flusher;

  /// What dispatch stands on.
  public record Ground(
      Machine machine, Jobs jobs, Backlog backlog, Writer writer, InstantSource clock) {}

  /// How long workers are given.
  public record Patience(Duration beatInterval, Duration resumeGrace, Duration cancelGrace) {}

  public Workers(
      Ground ground,
      Flusher.Incarnation incarnation,
      Bell bell,
      int crashBudget,
      Patience patience,
      Consumer<List<JobEnd>> onFinished) {
    Machine machine = ground.machine();
    Jobs jobs = ground.jobs();
    RandomGenerator random = machine.random();
    Waiting waiting = new Waiting(new SplittableRandom(random.nextLong()));
    executions =
        new Executions(
            machine,
            new Lifecycle(crashBudget, random),
            ground.clock(),
            jobs,
            patience.cancelGrace());
    sessions =
        new Sessions(
            machine,
            executions,
            jobs,
            patience.resumeGrace(),
            patience.beatInterval(),
            this::moreWork);
    polls = new Polls(machine, waiting, sessions::offered, ground.backlog(), jobs, this::moreWork);
    Dispatcher dispatcher =
        new Dispatcher(
            sessions,
            executions,
            waiting,
            polls,
            new Dispatcher.Lanes(jobs, new MissingWorkers(machine)),
            bell);
    flusher =
        new Flusher(
            machine, ground.writer(), incarnation, dispatcher, ground.clock(), new Ids(random));
    executions.connect(flusher, bell, onFinished);
  }

  private void moreWork() {
    flusher.wake();
  }

  public Flusher flusher() {
    return flusher;
  }

  public Executions executions() {
    return executions;
  }

  public Sessions sessions() {
    return sessions;
  }

  /// Jobs were put into `ready` in these lanes.
  public void rung(List<Integer> laneIds) {
    polls.rung(laneIds);
  }

  /// Looks for waiting jobs.
  public void look() {
    polls.look();
    moreWork();
  }

  /// Moves the cursors past what is gone. Returns the pause until the next time.
  public Duration moveCursors() {
    return polls.moveCursors();
  }

  /// Commits what is queued and stops. False: leases may be left that only a takeover gives back.
  public boolean stop() {
    boolean clean = flusher.stop(STOP_GRACE);
    executions.stopWatching();
    return clean && executions.idle();
  }
}
