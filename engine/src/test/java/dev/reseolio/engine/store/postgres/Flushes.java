package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Backoff;
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
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Puts flushes together.
final class Flushes {
  static final JobError BOOM = new JobError("Boom", "it broke", "at line 1");
  private static final Ids IDS = new Ids(new Random());

  private final List<Flush.Ending> endings = new ArrayList<>();
  private final List<Flush.Step> steps = new ArrayList<>();
  private final List<Flush.Spill> spills = new ArrayList<>();
  private final List<Flush.Insert> inserts = new ArrayList<>();
  private Flush.@Nullable Claim claim;
  private boolean adopt;

  static UUID id() {
    return IDS.next(Instant.now());
  }

  static Payload payload(String text) {
    return new Payload(text.getBytes(StandardCharsets.UTF_8), null);
  }

  static NewJob job(Lane lane) {
    return job(lane, 5, NewJob.Due.NOW, null);
  }

  static NewJob job(Lane lane, byte[] args) {
    return job(lane, 5, new Payload(args, null), NewJob.Due.NOW, null);
  }

  static NewJob job(Lane lane, int priority, NewJob.Due due, @Nullable String key) {
    return job(lane, priority, payload("{}"), due, key);
  }

  private static NewJob job(
      Lane lane, int priority, Payload args, NewJob.Due due, @Nullable String key) {
    return new NewJob(
        new NewJob.Target(lane.function(), lane.queue()),
        priority,
        args,
        new RunPolicy(3, Backoff.DEFAULT, Duration.ofSeconds(9)),
        due,
        new NewJob.Labels(key, NewJob.Labels.DEFAULT_KEY_TTL, List.of()));
  }

  Flushes insert(UUID id, Lane lane, NewJob job, boolean leased) {
    inserts.add(new Flush.Insert(id, lane, job, leased));
    return this;
  }

  Flushes leased(UUID id, Lane lane) {
    return insert(id, lane, job(lane), true);
  }

  Flushes ready(UUID id, Lane lane) {
    return insert(id, lane, job(lane), false);
  }

  Flushes keyed(UUID id, Lane lane, String key) {
    return insert(id, lane, job(lane, 5, NewJob.Due.NOW, key), false);
  }

  Flushes end(UUID id, Lane lane, int attempt, boolean explicit, Decision decision) {
    endings.add(new Flush.Ending(id, lane.id(), attempt, Instant.now(), explicit, decision));
    return this;
  }

  Flushes succeed(UUID id, Lane lane, int attempt, boolean explicit, String result) {
    return end(id, lane, attempt, explicit, succeeded(attempt, result));
  }

  Flushes succeed(Claimed job, Lane lane, String result) {
    return succeed(job.id(), lane, job.progress().attempt(), true, result);
  }

  static Decision.Finish succeeded(int attempt, String result) {
    return new Decision.Finish(
        JobStatus.SUCCEEDED,
        AttemptOutcome.SUCCEEDED,
        new Progress(attempt, 0, 0),
        payload(result),
        null);
  }

  static Decision.Finish dead(int attempt) {
    return new Decision.Finish(
        JobStatus.DEAD, AttemptOutcome.FAILED, new Progress(attempt, 1, 0), null, BOOM);
  }

  static Decision.Again again(int attempt, @Nullable Instant at) {
    return new Decision.Again(AttemptOutcome.FAILED, new Progress(attempt, 1, 0), at, BOOM);
  }

  Flushes step(UUID id, int attempt, String key, String result) {
    steps.add(new Flush.Step(id, attempt, key, payload(result)));
    return this;
  }

  Flushes spill(UUID id, Lane lane, int attempt) {
    spills.add(new Flush.Spill(id, lane.id(), new Progress(attempt, 0, 0), Instant.now()));
    return this;
  }

  Flushes claim(Lane lane, int limit) {
    return claim(List.of(new Flush.Slot(lane.id(), 0, 0), new Flush.Slot(lane.id(), 5, 0)), limit);
  }

  Flushes claim(List<Flush.Slot> slots, int limit) {
    claim = new Flush.Claim(slots, limit);
    return this;
  }

  Flushes adopt() {
    adopt = true;
    return this;
  }

  /// The same, sent again.
  static Flush again(Flush sent) {
    return new Flush(
        sent.endings(),
        sent.steps(),
        sent.spills(),
        sent.inserts(),
        sent.claim(),
        sent.adopt(),
        true);
  }

  Flush build() {
    return new Flush(
        List.copyOf(endings),
        List.copyOf(steps),
        List.copyOf(spills),
        List.copyOf(inserts),
        claim,
        adopt,
        false);
  }
}
