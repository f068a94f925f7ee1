/// A machine that runs many processes on one thread of the real one, with a clock that jumps to the
/// next event and a scheduler that a seed decides. Same seed, same run.
@NullMarked
package dev.reseolio.simulation.machine;

import org.jspecify.annotations.NullMarked;
