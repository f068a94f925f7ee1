/// The group-committed writer: collects what waits, commits it in one transaction when the one
/// before has returned, and only then tells anybody.
///
/// Imports `job`, `store`, `machine` and, of `watch`, how news is told. What becomes of committed
/// jobs is told to [Dispatch], the port to the next room, `dispatch`.
@NullMarked
package dev.reseolio.engine.flush;

import org.jspecify.annotations.NullMarked;
