/// Tests of the simulation and with it.
@NullMarked
package dev.reseolio.simulation;

import org.jspecify.annotations.NullMarked;
