/// One simulated run: nodes, workers, clients, and the faults that a seed chose.
@NullMarked
package dev.reseolio.simulation.world;

import org.jspecify.annotations.NullMarked;
