/// What was measured: costs, and the table they end in.
@NullMarked
package dev.reseolio.bench.figures;

import org.jspecify.annotations.NullMarked;
