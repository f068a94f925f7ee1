package dev.reseolio.engine.job;

/// One function in one queue, as registered in the database: what a job carries, what a worker
/// offers.
///
/// @param id number of the pair
/// @param functionId number of the function, the scope of idempotency keys
public record Lane(int id, int functionId, String function, String queue) {
  public static final String DEFAULT_QUEUE = "default";
}
