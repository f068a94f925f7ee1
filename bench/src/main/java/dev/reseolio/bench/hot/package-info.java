/// Microbenchmarks of what every job passes through.
@NullMarked
package dev.reseolio.bench.hot;

import org.jspecify.annotations.NullMarked;
