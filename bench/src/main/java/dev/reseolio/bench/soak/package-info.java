/// A steady load for as long as one likes, watched, drawn and judged.
@NullMarked
package dev.reseolio.bench.soak;

import org.jspecify.annotations.NullMarked;
