package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.flush.Dispatch;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The flusher's side of dispatch: slots for new jobs, claims for free slots, and what to tell
/// workers after a commit.
public final class Dispatcher implements Dispatch {
  private static final int MAX_CLAIM = 500;
  private static final int OFFERED_BY_NOBODY = -1;

  /// Arguments of one claim, as far as can be told beforehand. Less than what the store lets
  /// through, so that jobs of equal size are never handed back.
  private static final long CLAIM_BYTES = 3 << 20;

  private final Sessions sessions;
  private final Executions executions;
  private final Waiting waiting;
  private final Polls polls;
  private final Jobs jobs;
  private final Bell bell;
  private final MissingWorkers missing;
  private int turn;
  private int claimable = MAX_CLAIM;
  private @Nullable Pending pending;

  /// A claim under way: for whom, and what was known when it was made.
  private record Pending(WorkerSession session, Flush.Claim claim, long moment) {}

  /// Who knows the lanes, and who says that nobody serves one.
  record Lanes(Jobs jobs, MissingWorkers missing) {}

  Dispatcher(
      Sessions sessions,
      Executions executions,
      Waiting waiting,
      Polls polls,
      Lanes lanes,
      Bell bell) {
    this.sessions = sessions;
    this.executions = executions;
    this.waiting = waiting;
    this.polls = polls;
    this.jobs = lanes.jobs;
    this.missing = lanes.missing;
    this.bell = bell;
  }

  @Override
  public void gathering(Instant now) {
    executions.gathering(now);
  }

  @Override
  public boolean holds(UUID job, int attempt) {
    return executions.holds(job, attempt);
  }

  @Override
  public void ending(Flush.Ending ending) {
    if (ending.decision() instanceof Decision.Again again && again.runAt() == null) {
      waiting.markAll(ending.laneId());
    }
  }

  @Override
  public @Nullable Seat reserve(Lane lane, UUID id) {
    List<WorkerSession> all = sessions.open();
    if (all.isEmpty() || waiting.mayHold(lane.id())) {
      return null;
    }
    for (int i = 0; i < all.size(); i++) {
      WorkerSession session = all.get(Math.floorMod(turn++, all.size()));
      if (session.take(lane.functionId())) {
        executions.hold(id);
        return session;
      }
    }
    return null;
  }

  @Override
  public void giveBack(Seat seat, UUID id) {
    executions.letGo(id);
    ((WorkerSession) seat).credit(1);
  }

  @Override
  public Flush.@Nullable Claim nextClaim() {
    List<WorkerSession> all = sessions.open();
    if (waiting.isEmpty()) {
      return null;
    }
    for (int i = 0; i < all.size(); i++) {
      WorkerSession session = all.get(Math.floorMod(turn++, all.size()));
      int limit = Math.min(session.free(), claimable);
      long moment = waiting.moment();
      List<Flush.Slot> slots = limit == 0 ? List.of() : waiting.slots(session.offers(), this::lane);
      if (!slots.isEmpty()) {
        session.credit(-limit);
        pending = new Pending(session, new Flush.Claim(slots, limit), moment);
        return pending.claim;
      }
    }
    return null;
  }

  @Override
  public boolean wantsClaim() {
    return !waiting.isEmpty()
        && sessions.open().stream()
            .anyMatch(s -> s.free() > 0 && waiting.any(s.offers(), this::lane));
  }

  /// Never fails: a lane that a failover lost, or that cannot be looked up now, is offered by
  /// nobody.
  private Lane lane(int id) {
    try {
      return jobs.lane(id);
    } catch (StoreException e) {
      return new Lane(id, OFFERED_BY_NOBODY, "", "");
    }
  }

  @Override
  public void claimFailed() {
    Pending failed = pending;
    if (failed != null) {
      failed.session.credit(failed.claim.limit());
      pending = null;
    }
  }

  @Override
  public void interrupted() {
    waiting.rewind();
    polls.forgetMark();
  }

  @Override
  public void waiting(Lane lane, int priority) {
    waiting.mark(lane.id(), priority);
    if (waiting.crowded()) {
      waiting.retain(sessions.offered(), this::lane);
    }
    bell.ready(lane.id());
    missing.note(lane, sessions.open());
  }

  @Override
  public void due(Instant at) {
    bell.due(at);
  }

  @Override
  public void committed(Commit commit) {
    executions.spilled(commit.spilled());
    executions.stepsRecorded(commit.steps());
    executions.recorded(commit.ended());
    Map<WorkerSession, List<Running>> starts = new LinkedHashMap<>();
    for (Start start : commit.started()) {
      collect(starts, executions.start((WorkerSession) start.seat(), start.job(), false));
    }
    List<Flush.Slot> dry =
        commit.claimed() == null ? List.of() : claimed(commit.claimed(), commit.withheld(), starts);
    for (Claimed job : commit.adopted()) {
      adopt(job, commit.withheld(), starts);
    }
    starts.forEach(executions::push);
    commit.ended().forEach(ending -> ring(ending, dry));
  }

  private static void collect(Map<WorkerSession, List<Running>> starts, Running running) {
    starts.computeIfAbsent(running.session(), s -> new ArrayList<>()).add(running);
  }

  /// Tells of a job that runs again, if it was not claimed in the same flush.
  ///
  /// @param dry what the claim of the same commit left empty
  private void ring(Flush.Ending ending, List<Flush.Slot> dry) {
    if (ending.decision() instanceof Decision.Again again) {
      if (again.runAt() != null) {
        bell.due(again.runAt());
      } else if (!everyPriority(ending.laneId(), dry)) {
        waiting.markAll(ending.laneId());
        bell.ready(ending.laneId());
      }
    }
  }

  private static boolean everyPriority(int laneId, List<Flush.Slot> slots) {
    return slots.stream().filter(s -> s.laneId() == laneId).count() == Waiting.PRIORITIES;
  }

  /// Returns the slots in which nothing is left.
  private List<Flush.Slot> claimed(
      List<Claimed> taken, Set<UUID> withheld, Map<WorkerSession, List<Running>> starts) {
    Pending done = Objects.requireNonNull(pending);
    pending = null;
    done.session.credit(done.claim.limit() - taken.size() + withheld.size());
    waiting.taken(taken.size());
    List<Flush.Slot> dry = taken.size() < done.claim.limit() ? done.claim.slots() : List.of();
    waiting.emptied(dry, done.moment);
    long bytes = 0;
    for (Claimed job : taken) {
      bytes += job.args().size();
      if (withheld.contains(job.id())) {
        executions.release(job);
      } else {
        collect(starts, executions.start(done.session, job, true));
      }
    }
    claimable = claimable(bytes, taken.size() - withheld.size());
    return dry;
  }

  /// How many jobs to claim next, if they weigh what these did.
  private static int claimable(long bytes, int jobs) {
    long perJob = jobs == 0 ? 1 : Math.max(1, bytes / jobs);
    return Math.clamp(CLAIM_BYTES / perJob, 1, MAX_CLAIM);
  }

  /// A lease whose claim was committed although the reply was lost: run it wherever it can run.
  private void adopt(Claimed job, Set<UUID> withheld, Map<WorkerSession, List<Running>> starts) {
    if (executions.holds(job.id())) {
      return;
    }
    if (withheld.contains(job.id())) {
      executions.release(job);
      return;
    }
    Lane lane = lane(job.laneId());
    sessions.open().stream()
        .filter(s -> s.offers().contains(lane.functionId()))
        .findFirst()
        .ifPresentOrElse(
            session -> {
              session.credit(-1);
              collect(starts, executions.start(session, job, true));
            },
            () -> executions.release(job));
  }

  @Override
  public void refused(List<Flush.Ending> endings) {
    executions.refused(endings);
  }

  @Override
  public void refusedSteps(List<Flush.Step> steps) {
    executions.refusedSteps(steps);
  }

  @Override
  public void renewed() {
    sessions.offerAgain();
  }

  @Override
  public Lane lane(NewJob job) {
    return jobs.lane(job.target().function(), job.target().queue());
  }

  @Override
  public void fenced() {
    pending = null;
    waiting.forget();
    polls.forgetMark();
    executions.loseAll();
    sessions.restoreCredits();
  }
}
