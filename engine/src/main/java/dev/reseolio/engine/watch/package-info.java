/// Brings the end of a job to whoever waits for it, on any node.
///
/// Imports `job`, `store` and `machine`. Told by `dispatch` of jobs that end here, and by doorbells
/// of those that end elsewhere.
@NullMarked
package dev.reseolio.engine.watch;

import org.jspecify.annotations.NullMarked;
