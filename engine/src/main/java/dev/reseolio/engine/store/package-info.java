/// Ports to the database: what the engine asks of it, one contract line a verb. `store.postgres` is
/// the only implementation that ships.
///
/// Imports `job` only. The next room on a job's line is `flush`, which calls [Writer].
@NullMarked
package dev.reseolio.engine.store;

import org.jspecify.annotations.NullMarked;
