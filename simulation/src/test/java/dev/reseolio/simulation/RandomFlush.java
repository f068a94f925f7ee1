package dev.reseolio.simulation;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.job.RunPolicy;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.simulation.database.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Draws flushes as an engine might send them. What falls due does so an hour ago or in an hour, so
/// that two clocks that are not quite the same agree.
final class RandomFlush {
  private static final long HOUR = 3600;

  private final SplittableRandom random;
  private final List<Lane> lanes;
  private final Database database;
  private final List<UUID> jobs;
  private final Ids ids;

  /// @param jobs told every new id
  RandomFlush(SplittableRandom random, List<Lane> lanes, Database database, List<UUID> jobs) {
    this.random = random;
    this.lanes = lanes;
    this.database = database;
    this.jobs = jobs;
    this.ids = new Ids(random);
  }

  Flush next(NodeRef by) {
    List<Flush.Ending> endings = new ArrayList<>();
    List<Flush.Step> steps = new ArrayList<>();
    List<Flush.Spill> spills = new ArrayList<>();
    for (Database.Held held : database.held(by.id())) {
      if (random.nextInt(3) == 0) {
        steps.add(step(held));
      }
      switch (random.nextInt(5)) {
        case 0, 1 -> endings.add(ending(held));
        case 2 -> {
          if (!held.explicit()) {
            spills.add(new Flush.Spill(held.id(), held.lane(), held.progress(), Instant.now()));
          }
        }
        default -> {}
      }
    }
    Flush.Claim claim = random.nextInt(3) == 0 ? claim() : null;
    return new Flush(endings, steps, spills, inserts(), claim, random.nextInt(6) == 0, false);
  }

  private Flush.Claim claim() {
    List<Flush.Slot> slots = new ArrayList<>();
    for (Lane lane : lanes) {
      for (int priority = 0; priority < 10; priority++) {
        if (random.nextInt(3) > 0) {
          slots.add(new Flush.Slot(lane.id(), priority, 0));
        }
      }
    }
    return new Flush.Claim(slots, 500);
  }

  private Flush.Step step(Database.Held held) {
    byte[] result = {(byte) ('0' + random.nextInt(10))};
    return new Flush.Step(
        held.id(),
        held.progress().attempt(),
        "s" + random.nextInt(3),
        new Payload(result, random.nextBoolean() ? null : "text/plain"));
  }

  private Flush.Ending ending(Database.Held held) {
    Progress progress = held.progress();
    return new Flush.Ending(
        held.id(),
        held.lane(),
        progress.attempt(),
        Instant.now(),
        held.explicit(),
        decision(progress));
  }

  private Decision decision(Progress progress) {
    JobError error = JobError.of("Boom", "it broke");
    return switch (random.nextInt(6)) {
      case 0 ->
          new Decision.Finish(
              JobStatus.DEAD, AttemptOutcome.FAILED, progress.failed(), null, error);
      case 1 ->
          new Decision.Finish(JobStatus.CANCELLED, AttemptOutcome.CANCELLED, progress, null, error);
      case 2 -> new Decision.Again(AttemptOutcome.FAILED, progress.failed(), someTime(), error);
      case 3 -> new Decision.Again(AttemptOutcome.WORKER_LOST, progress.crashed(), null, error);
      default ->
          new Decision.Finish(
              JobStatus.SUCCEEDED,
              AttemptOutcome.SUCCEEDED,
              progress,
              new Payload(new byte[] {'1'}, null),
              null);
    };
  }

  private Instant someTime() {
    return Instant.now().plusSeconds(random.nextBoolean() ? HOUR : -HOUR);
  }

  private List<Flush.Insert> inserts() {
    List<Flush.Insert> inserts = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      Lane lane = lanes.get(random.nextInt(lanes.size()));
      String key = random.nextInt(3) == 0 ? "k" + random.nextInt(5) : null;
      if (key == null || keys.add(lane.functionId() + key)) {
        inserts.add(insert(lane, key));
      }
    }
    return inserts;
  }

  private Flush.Insert insert(Lane lane, @Nullable String key) {
    UUID id = ids.next(Instant.now());
    jobs.add(id);
    Instant runAt = random.nextInt(4) == 0 ? someTime() : null;
    Instant deadline =
        runAt == null && random.nextInt(4) == 0
            ? someTime()
            : runAt == null ? null : runAt.plusSeconds(random.nextBoolean() ? 2 * HOUR : 60);
    NewJob job =
        new NewJob(
            new NewJob.Target(lane.function(), lane.queue()),
            random.nextInt(10),
            new Payload(new byte[] {'2'}, null),
            RunPolicy.DEFAULT,
            new NewJob.Due(runAt, deadline),
            new NewJob.Labels(key, NewJob.Labels.DEFAULT_KEY_TTL, List.of()));
    return new Flush.Insert(id, lane, job, runAt == null && random.nextBoolean());
  }
}
