/// Deterministic simulation: real engines on one thread, with a clock, a network, a database and
/// faults that a seed decides; and the mutants that prove that it sees something. Not shipped.
@NullMarked
package dev.reseolio.simulation;

import org.jspecify.annotations.NullMarked;
