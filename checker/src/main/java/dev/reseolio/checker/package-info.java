/// Judges what happened: histories of events, and the invariants that must hold in them whatever
/// faults there were. Knows nothing of the engine; the chaos run and the simulation write the
/// histories.
@NullMarked
package dev.reseolio.checker;

import org.jspecify.annotations.NullMarked;
