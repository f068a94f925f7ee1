package dev.reseolio.simulation.world;

import dev.reseolio.checker.Event;
import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.dispatch.WorkerLink.Assignment;
import dev.reseolio.simulation.database.Database;
import dev.reseolio.simulation.machine.Scheduler;
import dev.reseolio.simulation.store.Server;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// Everybody in one run, and what is written down of them.
final class World {
  private static final List<String> FUNCTIONS = List.of("f", "g");

  /// Answers of before a failover may arrive so long after it.
  private static final long ON_THEIR_WAY_NANOS = 1_000_000_000;

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Log log = new Log();
  private final Server server;
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final Set<Execution> running = new HashSet<>();
  private final Set<Execution> takenAway = new HashSet<>();
  private final Set<Execution> startedBefore = new HashSet<>();
  private boolean failedOver;

  private record Execution(String job, int attempt) {}

  World(Scheduler scheduler, Swarm swarm) {
    this.scheduler = scheduler;
    this.random = scheduler.split();
    this.server = new Server(new Database(scheduler::now, this::committed));
    for (int i = 0; i < swarm.nodes(); i++) {
      nodes.add(new SimulatedNode(this, "node" + i));
    }
    for (int i = 0; i < swarm.workers(); i++) {
      workers.add(new SimulatedWorker(this, "worker" + i));
    }
    for (int i = 0; i < swarm.clients(); i++) {
      clients.add(new Client(this, "c" + i));
    }
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Log log() {
    return log;
  }

  Server server() {
    return server;
  }

  List<String> functions() {
    return FUNCTIONS;
  }

  List<SimulatedNode> nodes() {
    return nodes;
  }

  List<SimulatedWorker> workers() {
    return workers;
  }

  SimulatedNode anyNode() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  void start(Swarm swarm) {
    nodes.forEach(SimulatedNode::boot);
    workers.forEach(SimulatedWorker::boot);
    clients.forEach(client -> client.start(swarm.jobs()));
  }

  boolean finished() {
    return clients.stream().allMatch(Client::finished) && server.database().finished();
  }

  /// An execution whose lease was taken away is over for everybody else, whatever its handler does.
  private void committed(List<Event> rows) {
    log.addAll(rows);
    for (Event event : rows) {
      if (event instanceof Event.Row row
          && row.table() == Event.Table.ATTEMPT
          && (row.info().equals("TIMED_OUT") || row.info().equals("RELEASED"))) {
        Execution execution = new Execution(row.job(), row.attempt());
        over(execution, "");
        takenAway.add(execution);
      }
    }
  }

  void started(LeaseKey lease, String worker) {
    Execution execution = execution(lease);
    if (takenAway.contains(execution)) {
      return;
    }
    running.add(execution);
    if (!startedBefore.contains(execution)) {
      log.add(new Event.Started(scheduler.now(), execution.job, execution.attempt, worker));
    }
  }

  void stepStarted(StepKey step) {
    Execution execution = execution(step.lease());
    log.add(new Event.StepStarted(scheduler.now(), execution.job, execution.attempt, step.key()));
  }

  void stepGiven(StepKey step, String value) {
    Execution execution = execution(step.lease());
    log.add(
        new Event.StepGiven(scheduler.now(), execution.job, execution.attempt, step.key(), value));
  }

  void ended(LeaseKey lease, String worker) {
    over(execution(lease), worker);
  }

  private void over(Execution execution, String worker) {
    if (running.remove(execution)) {
      log.add(new Event.Ended(scheduler.now(), execution.job, execution.attempt, worker));
    }
  }

  private static Execution execution(LeaseKey lease) {
    return new Execution(lease.job().toString(), lease.attempt());
  }

  /// The engine pushes executions to a worker: nobody may hear of what is not committed.
  void pushed(List<Assignment> runs) {
    List<UUID> ids = runs.stream().map(r -> r.lease().job()).toList();
    List<UUID> unknown = server.database().unknown(ids);
    if (!unknown.isEmpty() && !failedOver()) {
      scheduler.fail(new AssertionError("handed out before its commit: " + unknown));
    }
  }

  /// Who is there, for people.
  String describe() {
    return "nodes %s, workers %s".formatted(nodes, workers);
  }

  boolean failedOver() {
    return failedOver;
  }

  /// A copy of the database is promoted: what was committed after it was made never was.
  void failOver(Database.Standby standby, int logged, long madeAt) {
    log.forgetCommitsSince(logged);
    failedOver = true;
    log.add(new Event.Lost(scheduler.now() + ON_THEIR_WAY_NANOS, madeAt));
    log.events()
        .forEach(event -> {
          if (event instanceof Event.Started start) {
            startedBefore.add(new Execution(start.job(), start.attempt()));
          }
        });
    server.failOver(standby);
  }
}
