package dev.reseolio.simulation.store;

import dev.reseolio.engine.store.Backlog;
import dev.reseolio.engine.store.Flush.Slot;
import dev.reseolio.simulation.database.Database;
import java.util.List;
import java.util.UUID;

/// Jobs that wait.
final class SimulatedBacklog implements Backlog {
  private final Database database;
  private final Connection pool;

  SimulatedBacklog(Database database, Connection pool) {
    this.database = database;
    this.pool = pool;
  }

  @Override
  public List<Slot> occupied(List<Slot> slots) {
    return pool.call(() -> database.occupied(slots));
  }

  @Override
  public Mark mark() {
    return pool.call(database::mark);
  }

  @Override
  public List<Slot> advance(Mark mark, List<Slot> slots) {
    return pool.call(() -> database.advance(mark, slots));
  }

  @Override
  public Promoted promote(int limit) {
    return pool.call(() -> database.promote(limit));
  }

  @Override
  public List<UUID> cancelRequests() {
    return pool.call(database::cancelRequests);
  }

  @Override
  public List<UUID> settleCancelRequests() {
    return pool.call(database::settleCancelRequests);
  }

  @Override
  public List<UUID> expireDeadlines(int limit) {
    return pool.call(() -> database.expireDeadlines(limit));
  }
}
