package dev.reseolio.simulation.store;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob.Target;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobFilter;
import dev.reseolio.engine.store.JobPage;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.StepPage;
import dev.reseolio.engine.store.StoreException;
import dev.reseolio.simulation.database.Database;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Single jobs. Looking at one whole and listing are not simulated: the engine itself never does.
final class SimulatedJobs implements Jobs {
  private final Database database;
  private final Connection pool;
  private final Map<Target, Lane> byName = new HashMap<>();
  private final Map<Integer, Lane> byId = new HashMap<>();

  SimulatedJobs(Database database, Connection pool) {
    this.database = database;
    this.pool = pool;
  }

  @Override
  public Lane lane(String function, String queue) {
    Lane known = byName.get(new Target(function, queue));
    return known != null ? known : remember(pool.call(() -> database.lane(function, queue)));
  }

  private Lane remember(Lane lane) {
    byName.put(new Target(lane.function(), lane.queue()), lane);
    byId.put(lane.id(), lane);
    return lane;
  }

  @Override
  public Lane lane(int id) {
    Lane known = byId.get(id);
    return known != null ? known : remember(pool.call(() -> find(id)));
  }

  private Lane find(int id) {
    return database.lanes().stream()
        .filter(l -> l.id() == id)
        .findFirst()
        .orElseThrow(
            () -> new StoreException(StoreException.Kind.REJECTED, "there is no lane " + id, null));
  }

  @Override
  public List<Lane> lanesOf(Collection<Integer> functionIds) {
    List<Lane> lanes =
        pool.call(() ->
            database.lanes().stream().filter(l -> functionIds.contains(l.functionId())).toList());
    lanes.forEach(this::remember);
    return lanes;
  }

  @Override
  public Optional<JobView> find(UUID id) {
    throw new UnsupportedOperationException("find is not simulated");
  }

  @Override
  public StepPage steps(UUID job, String after) {
    return pool.call(() -> database.steps(job, after));
  }

  @Override
  public List<JobEnd> ends(Collection<UUID> ids) {
    List<UUID> asked = List.copyOf(ids);
    return pool.call(() -> database.ends(asked));
  }

  @Override
  public List<UUID> unknown(Collection<UUID> ids) {
    List<UUID> asked = List.copyOf(ids);
    return pool.call(() -> database.unknown(asked));
  }

  @Override
  public JobPage list(JobFilter filter) {
    throw new UnsupportedOperationException("list is not simulated");
  }

  @Override
  public Optional<Change> cancel(UUID id) {
    return pool.call(() -> database.cancel(id));
  }

  @Override
  public Optional<Change> retry(UUID id) {
    return pool.call(() -> database.retry(id));
  }
}
