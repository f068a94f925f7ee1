package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.Flush.Slot;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// What this node knows of `ready`: which lanes and priorities may hold jobs, and up to where each
/// has been emptied. Knowing too much costs a probe; knowing too little is mended by the next poll.
final class Waiting {
  static final int PRIORITIES = 10;

  /// Clients invent queues and functions: what nobody here offers is kept up to this.
  static final int MUCH = 1000;

  /// Claimed jobs whose rows may lie between the cursors and what is still there.
  private static final int WORN = 500;

  private record Key(int laneId, int priority) {}

  private final Map<Key, Long> seen = new ConcurrentHashMap<>();
  private final Map<Key, Long> cursors = new ConcurrentHashMap<>();
  private final AtomicLong stamp = new AtomicLong();
  private final RandomGenerator turns;
  private final LongAdder taken = new LongAdder();
  private volatile boolean moved;
  private volatile int crowded = MUCH;

  /// @param turns says which of several lanes comes first; asked by the flusher's thread only
  Waiting(RandomGenerator turns) {
    this.turns = turns;
  }

  boolean isEmpty() {
    return seen.isEmpty();
  }

  void mark(int laneId, int priority) {
    moved = true;
    seen.put(new Key(laneId, priority), stamp.incrementAndGet());
  }

  void markAll(int laneId) {
    for (int priority = 0; priority < PRIORITIES; priority++) {
      mark(laneId, priority);
    }
  }

  /// True when older jobs of the lane may be waiting at any priority.
  boolean mayHold(int laneId) {
    return !seen.isEmpty()
        && IntStream.range(0, PRIORITIES).anyMatch(p -> seen.containsKey(new Key(laneId, p)));
  }

  /// True when much is marked, and twice as much as was left by [#retain].
  boolean crowded() {
    return seen.size() > crowded;
  }

  /// Forgets lanes of other functions. Whoever comes to offer those finds them by the next poll.
  void retain(Set<Integer> functionIds, IntFunction<Lane> lanes) {
    seen.keySet().removeIf(k -> !functionIds.contains(lanes.apply(k.laneId).functionId()));
    crowded = Math.max(MUCH, 2 * seen.size());
  }

  boolean any(Set<Integer> functionIds, IntFunction<Lane> lanes) {
    return seen.keySet().stream()
        .anyMatch(k -> functionIds.contains(lanes.apply(k.laneId).functionId()));
  }

  /// The known slots of some functions, most urgent first. Lanes of the same priority come in
  /// another order each time: one that never runs dry must not starve the others.
  List<Slot> slots(Set<Integer> functionIds, IntFunction<Lane> lanes) {
    int turn = turns.nextInt();
    return seen.keySet().stream()
        .filter(k -> functionIds.contains(lanes.apply(k.laneId).functionId()))
        .sorted(Comparator.comparingInt(Key::priority).thenComparingInt(k -> k.laneId ^ turn))
        .map(k -> new Slot(k.laneId, k.priority, cursors.getOrDefault(k, 0L)))
        .toList();
  }

  /// Every priority of some lanes, with its cursor.
  List<Slot> all(List<Lane> lanes) {
    return slots(lanes, key -> cursors.getOrDefault(key, 0L));
  }

  /// The same without the cursors.
  static List<Slot> beginnings(List<Lane> lanes) {
    return slots(lanes, key -> 0);
  }

  private static List<Slot> slots(List<Lane> lanes, ToLongFunction<Key> after) {
    return lanes.stream()
        .flatMap(lane -> IntStream.range(0, PRIORITIES).mapToObj(p -> new Key(lane.id(), p)))
        .map(key -> new Slot(key.laneId, key.priority, after.applyAsLong(key)))
        .toList();
  }

  /// The moment against which [#emptied] is judged.
  long moment() {
    return stamp.get();
  }

  /// The slots held nothing more at `moment`; what was marked since stays.
  void emptied(List<Slot> slots, long moment) {
    for (Slot slot : slots) {
      seen.computeIfPresent(
          new Key(slot.laneId(), slot.priority()), (k, marked) -> marked > moment ? marked : null);
    }
  }

  /// Slots are read from there on.
  void advance(List<Slot> slots) {
    slots.forEach(s -> cursors.put(new Key(s.laneId(), s.priority()), s.after()));
  }

  /// That many jobs were claimed.
  void taken(int jobs) {
    taken.add(jobs);
  }

  /// True when claims have much to read over, since [#settled].
  boolean worn() {
    return taken.sum() > WORN;
  }

  /// True when rows have gone since [#settled], so that cursors may have somewhere to go.
  boolean moved() {
    return moved;
  }

  void settled() {
    moved = false;
    taken.reset();
  }

  /// Nothing is known any more; the next polls find what is there.
  void forget() {
    seen.clear();
    cursors.clear();
  }

  /// Everything before the cursors is looked at again.
  void rewind() {
    cursors.clear();
  }
}
