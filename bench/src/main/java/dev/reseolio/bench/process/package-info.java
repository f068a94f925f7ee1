/// What the suites start and watch: PostgreSQL, sidecars, applications.
@NullMarked
package dev.reseolio.bench.process;

import org.jspecify.annotations.NullMarked;
