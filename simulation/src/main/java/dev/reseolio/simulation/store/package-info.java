/// The engine's store ports over simulated connections to the simulated database: requests and
/// replies take time and get lost.
@NullMarked
package dev.reseolio.simulation.store;

import org.jspecify.annotations.NullMarked;
