/// Brings jobs and workers together: which session has a free slot, what to claim for it, what
/// runs, and what becomes of an execution whose worker, time or connection ends.
///
/// Imports `job`, `store`, `flush` and `machine`. Outcomes decided here go back to `flush`;
/// finished jobs go on to `watch`.
@NullMarked
package dev.reseolio.engine.dispatch;

import org.jspecify.annotations.NullMarked;
