/// What survives what: real sidecars, workers and a real PostgreSQL, with real faults, and a
/// checker that looks at the tables afterwards.
@NullMarked
package dev.reseolio.survival;

import org.jspecify.annotations.NullMarked;
