/// Mutants: the sources with one line made wrong, which somebody must notice.
@NullMarked
package dev.reseolio.simulation.zoo;

import org.jspecify.annotations.NullMarked;
