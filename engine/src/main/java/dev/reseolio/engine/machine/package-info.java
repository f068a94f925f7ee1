/// What an engine takes from the machine it runs on: the monotonic clock, threads, waiting for a
/// time, chance, and connections that notice when the other machine is gone. The rest of the engine
/// has them from here only, so that the simulation can put a clock, a scheduler and a seed of its
/// own in their place.
///
/// Imports nothing of Reseolio.
@NullMarked
package dev.reseolio.engine.machine;

import org.jspecify.annotations.NullMarked;
