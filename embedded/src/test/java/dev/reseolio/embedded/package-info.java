/// Proof with real processes: started, joined, killed and found again.
@NullMarked
package dev.reseolio.embedded;

import org.jspecify.annotations.NullMarked;
