package dev.reseolio.engine.flush;

import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What goes into one flush, and how often it was tried. Touched by the flusher's thread only.
final class Batch {
  /// Rows and bytes of one flush: bounds what a frozen process can hold locked, and what a repeated
  /// flush costs.
  static final int MAX_ROWS = 1000;

  static final int MAX_BYTES = 1 << 20;

  private final List<Enqueue> enqueues = new ArrayList<>();
  private final Map<String, Enqueue> byKey = new HashMap<>();
  private final List<Flush.Ending> endings = new ArrayList<>();
  private final List<Flush.Step> steps = new ArrayList<>();
  private final List<Flush.Spill> spills = new ArrayList<>();
  private Flush.@Nullable Claim claim;
  private boolean adopt;
  private boolean inDoubt;
  private int bytes;

  /// True when half of the room is taken.
  boolean halfFull() {
    return rows() >= MAX_ROWS / 2 || bytes >= MAX_BYTES / 2;
  }

  boolean full() {
    return rows() >= MAX_ROWS || bytes >= MAX_BYTES;
  }

  private int rows() {
    return endings.size() + steps.size() + spills.size() + enqueues.size();
  }

  boolean isEmpty() {
    return endings.isEmpty()
        && steps.isEmpty()
        && spills.isEmpty()
        && enqueues.isEmpty()
        && claim == null
        && !adopt;
  }

  /// True when failing this batch blames a single caller.
  boolean single() {
    return endings.size() + steps.size() + enqueues.size() + (claim == null ? 0 : 1) <= 1;
  }

  void add(Flush.Ending ending) {
    endings.add(ending);
    bytes += 64 + ending.resultBytes();
  }

  void add(Flush.Step step) {
    steps.add(step);
    bytes += 64 + step.result().size();
  }

  void add(Flush.Spill spill) {
    spills.add(spill);
  }

  /// Adds an enqueue; one with a key that is already in the batch follows the first. Returns false
  /// for a follower.
  boolean add(Enqueue enqueue) {
    if (enqueue.key() != null) {
      Enqueue first = byKey.putIfAbsent(enqueue.lane().functionId() + "/" + enqueue.key(), enqueue);
      if (first != null) {
        first.follow(enqueue);
        return false;
      }
    }
    enqueues.add(enqueue);
    bytes += 64 + enqueue.job().args().size();
    return true;
  }

  void claim(Flush.@Nullable Claim some) {
    claim = some;
  }

  void adopt() {
    adopt = true;
  }

  /// The last try may have been committed: the next one finds out what it did.
  void doubt() {
    inDoubt = true;
    adopt |= claim != null;
    claim = null;
  }

  /// The incarnation that held these executions and reservations is gone.
  void lose() {
    endings.clear();
    steps.clear();
    spills.clear();
    claim = null;
    adopt = false;
    enqueues.forEach(e -> e.seat(null));
  }

  boolean inDoubt() {
    return inDoubt;
  }

  Flush.@Nullable Claim claim() {
    return claim;
  }

  List<Enqueue> enqueues() {
    return enqueues;
  }

  List<Flush.Ending> endings() {
    return endings;
  }

  List<Flush.Step> steps() {
    return steps;
  }

  Flush flush() {
    return new Flush(
        endings,
        steps,
        spills,
        enqueues.stream().map(Enqueue::insert).toList(),
        claim,
        adopt,
        inDoubt);
  }

  /// Splits off about half, so that a failure blames the guilty only: first steps from the rest,
  /// then new jobs from endings. Spills and steps stay: they never come after the ending of their
  /// execution.
  Batch split() {
    Batch half = new Batch();
    half.inDoubt = inDoubt;
    half.claim = claim;
    claim = null;
    if (!steps.isEmpty() && endings.isEmpty() && enqueues.isEmpty()) {
      move(steps, half.steps);
    } else if (!steps.isEmpty()) {
      half.endings.addAll(endings);
      endings.clear();
      half.enqueues.addAll(enqueues);
      enqueues.clear();
    } else if (endings.isEmpty()) {
      move(enqueues, half.enqueues);
    } else if (enqueues.isEmpty()) {
      move(endings, half.endings);
    } else {
      half.enqueues.addAll(enqueues);
      enqueues.clear();
    }
    return half;
  }

  private static <T> void move(List<T> from, List<T> to) {
    List<T> tail = from.subList((from.size() + 1) / 2, from.size());
    to.addAll(tail);
    tail.clear();
  }

  /// Everything the committed flush started and recorded. Enqueues that lost their key get the
  /// holder's id and give their slot back.
  Dispatch.Commit settle(FlushReply reply, boolean claimed, Dispatch dispatch, Instant now) {
    List<Dispatch.Start> started = new ArrayList<>(enqueues.size());
    for (Enqueue enqueue : enqueues) {
      settle(enqueue, reply, dispatch, started, now);
    }
    List<Claimed> taken = claimed ? reply.claimed() : null;
    return new Dispatch.Commit(
        started, taken, reply.adopted(), reply.withheld(), steps, endings, spills);
  }

  private void settle(
      Enqueue enqueue,
      FlushReply reply,
      Dispatch dispatch,
      List<Dispatch.Start> started,
      Instant now) {
    UUID holder = enqueue.key() == null ? enqueue.id() : reply.keyed().get(enqueue.id());
    Dispatch.Seat seat = enqueue.seat();
    boolean mine =
        enqueue.id().equals(holder) && (inDoubt || reply.inserted().contains(enqueue.id()));
    if (seat != null && mine) {
      started.add(new Dispatch.Start(seat, enqueue.claimed(now)));
    } else if (seat != null) {
      dispatch.giveBack(seat, enqueue.id());
    } else if (mine) {
      announce(enqueue, dispatch);
    }
    enqueue.seat(null);
  }

  private static void announce(Enqueue enqueue, Dispatch dispatch) {
    Instant due = enqueue.job().due().runAt();
    if (due == null) {
      dispatch.waiting(enqueue.lane(), enqueue.job().priority());
    } else {
      dispatch.due(due);
    }
  }

  /// Answers the callers; after everything else, so that whoever asks next sees the job where it
  /// is.
  void answer(FlushReply reply) {
    for (Enqueue enqueue : enqueues) {
      UUID holder = enqueue.key() == null ? enqueue.id() : reply.keyed().get(enqueue.id());
      if (holder == null) {
        enqueue.fail(Refusals.keyExpired());
      } else {
        enqueue.succeed(holder);
      }
    }
  }
}
