package dev.reseolio.simulation.database;

import dev.reseolio.checker.Event;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob.Target;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Nodes.Peer;
import dev.reseolio.engine.store.Nodes.Ring;
import dev.reseolio.engine.store.StepPage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// The simulated database. Every call is one transaction, serial with all others.
public final class Database {
  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private final LongSupplier nanos;
  private final Consumer<List<Event>> log;
  private final List<DatabaseSession> sessions = new ArrayList<>();
  private Tables tables = new Tables();
  private long clockOffsetNanos;
  private long furthestOffsetNanos;
  private long transactions;

  /// @param nanos the time of the simulation
  /// @param log told the rows of each commit
  public Database(LongSupplier nanos, Consumer<List<Event>> log) {
    this.nanos = nanos;
    this.log = log;
  }

  /// The wall clock of the database.
  public Instant now() {
    return BEGINNING.plusNanos(nanos.getAsLong() + clockOffsetNanos).truncatedTo(ChronoUnit.MICROS);
  }

  /// Somebody sets the wall clock.
  public void jump(long byNanos) {
    clockOffsetNanos += byNanos;
    furthestOffsetNanos = Math.max(furthestOffsetNanos, clockOffsetNanos);
  }

  /// The wall clock shows the latest time it may have been asked for: what was put off by a clock
  /// that was wrong is due in the time it was put off by.
  public void settleClock() {
    clockOffsetNanos = furthestOffsetNanos;
  }

  private <T> T transact(Function<Transaction, T> work) {
    var tx = new Transaction(tables, now(), nanos.getAsLong(), Long.toString(++transactions));
    try {
      T result = work.apply(tx);
      log.accept(tx.events());
      return result;
    } catch (RuntimeException e) {
      tx.rollBack();
      throw e;
    }
  }

  /// How a job ended, as the checker compares it.
  static String end(Rows.Done done) {
    return end(Views.end(done));
  }

  /// How a job ended, as the checker compares it.
  public static String end(JobEnd end) {
    String what =
        end.result() != null
            ? new String(end.result().data(), StandardCharsets.UTF_8)
            : end.error() == null ? "" : end.error().type();
    return end.status().name().toLowerCase(Locale.ROOT) + " " + what;
  }

  /// Sent for the first time without guards. Empty: a row is there already, so that nothing was
  /// written, and it has to be sent guarded.
  public Optional<FlushReply> flushUnguarded(NodeRef me, Flush flush) {
    try {
      return Optional.of(transact(tx -> new FlushTransaction(tx, me, flush, false).run()));
    } catch (FlushTransaction.AlreadyThere unguarded) {
      return Optional.empty();
    }
  }

  public FlushReply flush(NodeRef me, Flush flush) {
    return transact(tx -> new FlushTransaction(tx, me, flush, true).run());
  }

  /// A number for a node that is about to register.
  public int nextNode() {
    return ++tables.lastNode;
  }

  public void register(NodeRef me) {
    run(tx -> new NodeTransactions(tx).register(me));
  }

  private void run(Consumer<Transaction> work) {
    transact(tx -> {
      work.accept(tx);
      return tx;
    });
  }

  public void beat(NodeRef me, long counter, UUID lowId, List<Integer> offers) {
    run(tx -> new NodeTransactions(tx).beat(me, new Rows.Beat(counter, lowId, offers)));
  }

  public boolean takeOver(int victim, int crashBudget) {
    return transact(tx -> new NodeTransactions(tx).takeOver(victim, crashBudget));
  }

  /// For comparing with PostgreSQL: what was lost twice comes back at a random time, which is put
  /// off here as it is there.
  public void postponeSuspects(Duration by) {
    run(tx ->
        Map.copyOf(tables.timer)
            .forEach((key, row) -> {
              if (row.progress().crashes() >= 2 && key.runAt().isBefore(tx.now.plus(by))) {
                tx.untimer(key.id());
                tx.later(key.runAt().plus(by), key.id(), row);
              }
            }));
  }

  public void signOff(NodeRef me) {
    run(tx -> new NodeTransactions(tx).signOff(me));
  }

  public int sweep(int crashBudget) {
    return transact(tx -> new NodeTransactions(tx).sweep(crashBudget));
  }

  public List<Peer> peers(NodeRef me) {
    List<Peer> peers = new ArrayList<>();
    tables.nodes.forEach((id, node) -> {
      Rows.Beat beat = tables.beats.get(id);
      if (id != me.id() && node.state() == Rows.NodeState.LIVE && beat != null) {
        boolean holds = controlled(id);
        peers.add(new Peer(id, beat.beat(), holds, holds || open(id), false));
      }
    });
    return peers;
  }

  /// A live session proves life for the node.
  public boolean controlled(int node) {
    return sessions.stream().anyMatch(s -> s.node() == node && s.control());
  }

  private boolean open(int node) {
    return sessions.stream().anyMatch(s -> s.node() == node);
  }

  public DatabaseSession open(int node, boolean control) {
    DatabaseSession session = new DatabaseSession(node, control);
    sessions.add(session);
    return session;
  }

  public void end(DatabaseSession session) {
    sessions.remove(session);
    session.end();
  }

  /// All sessions end, as when the server restarts.
  public void endAll() {
    List<DatabaseSession> all = List.copyOf(sessions);
    sessions.clear();
    all.forEach(DatabaseSession::end);
  }

  public void ring(Ring ring) {
    sessions.stream().filter(DatabaseSession::control).forEach(s -> s.hear(ring));
  }

  public Lane lane(String function, String queue) {
    Target target = new Target(function, queue);
    Lane known = tables.lanes.get(target);
    if (known != null) {
      return known;
    }
    int functionId =
        tables.lanes.values().stream()
            .filter(l -> l.function().equals(function))
            .findFirst()
            .map(Lane::functionId)
            .orElse(
                1 + (int) tables.lanes.values().stream().map(Lane::function).distinct().count());
    Lane lane = new Lane(tables.lanes.size() + 1, functionId, function, queue);
    tables.lanes.put(target, lane);
    return lane;
  }

  public List<Lane> lanes() {
    return List.copyOf(tables.lanes.values());
  }

  public List<JobEnd> ends(Collection<UUID> ids) {
    return Views.ends(tables, ids);
  }

  public StepPage steps(UUID job, String after) {
    return Views.steps(tables, job, after);
  }

  public List<UUID> unknown(Collection<UUID> ids) {
    return ids.stream().filter(id -> !tables.jobs.containsKey(id)).toList();
  }

  /// Where a job stands; empty when there is none.
  public Optional<Standing> standing(UUID id) {
    return tables.jobs.containsKey(id)
        ? Optional.of(new Standing(Views.status(tables, id), Views.progress(tables, id)))
        : Optional.empty();
  }

  public record Standing(JobStatus status, Progress progress) {}

  public Optional<Jobs.Change> cancel(UUID id) {
    return transact(tx -> new JobTransactions(tx).cancel(id));
  }

  public Optional<Jobs.Change> retry(UUID id) {
    return transact(tx -> new JobTransactions(tx).retry(id));
  }

  public List<Slot> occupied(List<Slot> slots) {
    return Views.occupied(tables, slots);
  }

  public Backlog.Mark mark() {
    return new Backlog.Mark(tables.lastSeq, Long.toString(transactions));
  }

  public List<Slot> advance(Backlog.Mark mark, List<Slot> slots) {
    return Views.advance(tables, mark.seq(), slots);
  }

  public Backlog.Promoted promote(int limit) {
    return transact(tx -> new JobTransactions(tx).promote(limit));
  }

  public List<UUID> cancelRequests() {
    return List.copyOf(tables.cancelRequests.keySet());
  }

  public List<UUID> settleCancelRequests() {
    return transact(tx -> new JobTransactions(tx).settleCancelRequests());
  }

  public List<UUID> expireDeadlines(int limit) {
    return transact(tx -> new JobTransactions(tx).expire(limit));
  }

  /// Forgets keys that have expired.
  public void pruneKeys() {
    tables.keys.values().removeIf(key -> !key.expiresAt().isAfter(now()));
  }

  /// A copy of everything at this moment, as a standby has it.
  public Standby copy() {
    return new Standby(tables.copy());
  }

  /// An older state of the database.
  public static final class Standby {
    private final Tables tables;

    private Standby(Tables tables) {
      this.tables = tables;
    }
  }

  /// The standby becomes the database: what was committed since is lost.
  public void promote(Standby standby) {
    tables = standby.tables.copy();
    endAll();
  }

  /// True when every job has ended, and nothing waits or is leased.
  public boolean finished() {
    return tables.ready.isEmpty()
        && tables.timer.isEmpty()
        && tables.leases.isEmpty()
        && tables.done.keySet().containsAll(tables.jobs.keySet());
  }

  /// All rows, sorted.
  public List<String> dump() {
    return new Dump(tables).lines();
  }

  /// What a node holds.
  public List<Held> held(int node) {
    return new Dump(tables).held(node);
  }

  /// @param explicit the lease has a row
  public record Held(UUID id, int lane, Progress progress, boolean explicit) {}
}
