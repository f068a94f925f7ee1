package dev.reseolio.simulation.database;

import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.Flush.Ending;
import dev.reseolio.engine.store.Flush.Insert;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the statements of a flush do, in their order.
final class FlushTransaction {
  private static final long WITHHOLD_BEYOND = 8 << 20;

  private final Transaction tx;
  private final Tables tables;
  private final NodeRef me;
  private final Flush flush;
  private final boolean guarded;
  private final FlushReply reply =
      new FlushReply(
          new HashSet<>(), new HashMap<>(), new ArrayList<>(), new ArrayList<>(), new HashSet<>());

  /// @param guarded every statement allows for having been committed before
  FlushTransaction(Transaction tx, NodeRef me, Flush flush, boolean guarded) {
    this.tx = tx;
    this.tables = tx.tables;
    this.me = me;
    this.flush = flush;
    this.guarded = guarded;
  }

  /// A row is there already: nothing is written, and the flush is sent again, guarded.
  static final class AlreadyThere extends RuntimeException {
    AlreadyThere() {
      super("already there", null, false, false);
    }
  }

  FlushReply run() {
    fence();
    flush.steps().forEach(this::step);
    flush.spills().forEach(this::spill);
    flush.endings().stream()
        .filter(e -> e.decision() instanceof Decision.Finish)
        .forEach(this::finish);
    flush.endings().stream()
        .filter(e -> e.decision() instanceof Decision.Again)
        .forEach(this::again);
    flush.inserts().stream().filter(i -> key(i) == null).forEach(this::insert);
    List<Insert> keyed =
        flush.inserts().stream()
            .filter(i -> key(i) != null)
            .sorted(
                Comparator.<Insert>comparingInt(i -> i.lane().functionId())
                    .thenComparing(i -> Objects.requireNonNull(key(i))))
            .toList();
    keyed.forEach(this::takeKey);
    keyed.forEach(this::insertKeyed);
    keyed.forEach(this::holder);
    if (flush.claim() != null) {
      claim(flush.claim());
    }
    if (flush.adopt()) {
      adopt();
    }
    return reply;
  }

  private static @Nullable String key(Insert insert) {
    return insert.job().labels().key();
  }

  private void fence() {
    Rows.Node node = tables.nodes.get(me.id());
    if (node == null || !node.token().equals(me.token()) || node.state() != Rows.NodeState.LIVE) {
      throw new StoreException(StoreException.Kind.FENCED, "node " + me.id() + " is fenced", null);
    }
  }

  private void step(Flush.Step step) {
    var key = new Rows.StepKey(step.job(), step.key());
    boolean there = tables.steps.containsKey(key);
    if (there && !guarded) {
      throw new AlreadyThere();
    }
    if (!there) {
      tx.step(key, new Rows.Step(step.attempt(), me.id(), step.result()));
    }
  }

  private void spill(Flush.Spill spill) {
    if (!tables.leases.containsKey(spill.job())) {
      tx.lease(
          spill.job(),
          new Rows.Lease(spill.laneId(), me.id(), spill.progress(), millis(spill.startedAt())),
          me.id());
    }
  }

  private void finish(Ending ending) {
    Decision.Finish finish = (Decision.Finish) ending.decision();
    boolean bare = !guarded && finish.status() == JobStatus.SUCCEEDED;
    unlease(ending);
    boolean there = tables.done.containsKey(ending.job());
    if (bare && there) {
      throw new AlreadyThere();
    }
    boolean reopened =
        !bare && tables.attempts.containsKey(new Rows.AttemptKey(ending.job(), ending.attempt()));
    if (!there && !reopened) {
      tx.finish(
          new Rows.Done(
              ending.job(),
              tx.now,
              millis(ending.startedAt()),
              ending.laneId(),
              me.id(),
              finish.status(),
              finish.outcome(),
              progress(ending),
              finish.result(),
              finish.error()),
          me.id());
    }
  }

  private static Progress progress(Ending ending) {
    Progress charged = ending.decision().progress();
    return new Progress(ending.attempt(), charged.failures(), charged.crashes());
  }

  /// A lease goes with its own attempt only.
  private void unlease(Ending ending) {
    Rows.Lease lease = tables.leases.get(ending.job());
    if (ending.explicit()
        && lease != null
        && lease.owner() == me.id()
        && lease.progress().attempt() == ending.attempt()) {
      tx.unlease(ending.job());
    }
  }

  private void again(Ending ending) {
    Decision.Again again = (Decision.Again) ending.decision();
    unlease(ending);
    if (tables.attempts.containsKey(new Rows.AttemptKey(ending.job(), ending.attempt()))) {
      return;
    }
    Instant retryAt = again.runAt() == null ? null : millis(again.runAt());
    Progress ended = progress(ending);
    tx.attempt(
        ending.job(),
        new Rows.Attempt(
            me.id(),
            again.outcome(),
            millis(ending.startedAt()),
            tx.now,
            retryAt,
            ended,
            again.error()),
        me.id());
    if (tables.done.containsKey(ending.job())) {
      return;
    }
    if (retryAt == null) {
      tx.ready(ending.laneId(), 0, ending.job(), ended.next());
    } else {
      Rows.Job job = tables.jobs.get(ending.job());
      if (job != null) {
        tx.later(
            retryAt,
            ending.job(),
            new Rows.Waiting(ending.laneId(), job.asked().priority(), ended.next()));
      }
    }
  }

  private void insert(Insert insert) {
    if (tables.jobs.containsKey(insert.id())) {
      if (!guarded && insert.leased() && insert.job().due().deadline() == null) {
        throw new AlreadyThere();
      }
      return;
    }
    create(insert);
  }

  private void create(Insert insert) {
    NewJob job = insert.job();
    tx.insert(
        new Rows.Job(insert.id(), tx.now, insert.lane().id(), insert.leased() ? me.id() : 0, job));
    Instant runAt = job.due().runAt();
    if (runAt != null) {
      tx.later(
          runAt, insert.id(), new Rows.Waiting(insert.lane().id(), job.priority(), Progress.FIRST));
    } else if (!insert.leased()) {
      tx.ready(insert.lane().id(), job.priority(), insert.id(), Progress.FIRST);
    }
    Instant deadline = job.due().deadline();
    if (deadline != null) {
      tx.put(tables.deadlines, new Rows.TimerKey(deadline, insert.id()), true);
    }
    reply.inserted().add(insert.id());
  }

  private static Rows.KeyName name(Insert insert) {
    return new Rows.KeyName(insert.lane().functionId(), Objects.requireNonNull(key(insert)));
  }

  private void takeKey(Insert insert) {
    Rows.Key held = tables.keys.get(name(insert));
    if (held == null || !held.expiresAt().isAfter(tx.now)) {
      Duration ttl = insert.job().labels().keyTtl();
      tx.put(tables.keys, name(insert), new Rows.Key(insert.id(), tx.now.plus(ttl)));
    }
  }

  private void insertKeyed(Insert insert) {
    Rows.Key held = Objects.requireNonNull(tables.keys.get(name(insert)));
    if (held.id().equals(insert.id()) && !tables.jobs.containsKey(insert.id())) {
      create(insert);
    }
  }

  private void holder(Insert insert) {
    Rows.Key held = Objects.requireNonNull(tables.keys.get(name(insert)));
    boolean mine = tables.jobs.containsKey(insert.id());
    reply.keyed().put(insert.id(), mine ? insert.id() : held.id());
  }

  private void claim(Flush.Claim claim) {
    List<Rows.ReadyKey> taken = new ArrayList<>();
    for (Flush.Slot slot : claim.slots()) {
      Rows.ReadyKey from = new Rows.ReadyKey(slot.laneId(), slot.priority(), slot.after());
      Rows.ReadyKey to = new Rows.ReadyKey(slot.laneId(), slot.priority(), Long.MAX_VALUE);
      tables.ready.subMap(from, false, to, true).keySet().stream()
          .filter(k -> !taken.contains(k))
          .limit(claim.limit() - taken.size())
          .forEach(taken::add);
    }
    taken.sort(
        Comparator.comparingInt(Rows.ReadyKey::priority).thenComparingLong(Rows.ReadyKey::seq));
    Set<UUID> withheld = reply.withheld();
    long bytes = 0;
    for (Rows.ReadyKey key : taken) {
      Rows.Ready row = Objects.requireNonNull(tables.ready.get(key));
      tx.unready(row.id());
      tx.lease(row.id(), new Rows.Lease(key.lane(), me.id(), row.progress(), tx.now), me.id());
      bytes = hand(row.id(), row.progress(), reply.claimed(), withheld, bytes);
    }
  }

  private void adopt() {
    long bytes = 0;
    for (Map.Entry<UUID, Rows.Lease> lease : tables.leases.entrySet()) {
      if (lease.getValue().owner() == me.id()) {
        bytes =
            hand(
                lease.getKey(),
                lease.getValue().progress(),
                reply.adopted(),
                reply.withheld(),
                bytes);
      }
    }
  }

  private long hand(UUID id, Progress progress, List<Claimed> to, Set<UUID> withheld, long before) {
    Rows.Job job = tables.jobs.get(id);
    if (job == null) {
      return before;
    }
    NewJob asked = job.asked();
    var claimed =
        new Claimed(
            id,
            job.lane(),
            progress,
            asked.policy(),
            asked.args(),
            job.createdAt(),
            asked.due().deadline(),
            asked.labels().key(),
            lastError(id, progress.attempt()));
    boolean keep = before < WITHHOLD_BEYOND;
    if (!keep) {
      withheld.add(id);
    }
    to.add(keep ? claimed : claimed.withoutArgs());
    return before + asked.args().size();
  }

  private @Nullable JobError lastError(UUID job, int attempt) {
    Rows.Attempt last = tables.attempts.get(new Rows.AttemptKey(job, attempt - 1));
    JobError error = last == null ? null : last.error();
    return error == null ? null : JobError.of(error.type(), error.message());
  }

  private static Instant millis(Instant at) {
    return at.truncatedTo(ChronoUnit.MILLIS);
  }
}
