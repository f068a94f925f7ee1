/// PostgreSQL 14 and later, by plain JDBC: the one implementation of the ports in `store`.
///
/// Statements are text blocks beside the class that runs them and name tables without their schema:
/// every connection of [Connections] has it as its `search_path`, behind a pooler every
/// transaction. Imports `job`, `store` and `machine`, the driver and the pool. What commits here
/// goes back to the engine as values of `store`.
///
/// Order of locks, for everything that takes several: the node row (fence), then rows of `ready`,
/// then of `timer`, then of `lease`, then the insert into `done`. Whoever moves a job first deletes
/// the row it moves, so two movers of one job meet at that row; whoever came second finds it gone.
@NullMarked
package dev.reseolio.engine.store.postgres;

import org.jspecify.annotations.NullMarked;
