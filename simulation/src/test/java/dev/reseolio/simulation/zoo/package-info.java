/// Tests of the mutants.
@NullMarked
package dev.reseolio.simulation.zoo;

import org.jspecify.annotations.NullMarked;
