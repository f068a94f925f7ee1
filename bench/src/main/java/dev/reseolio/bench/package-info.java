/// The workloads of the targets, run against real processes: `Bench` starts PostgreSQL, sidecars,
/// clients and workers, and prints one table. bench/README.md says how to read it.
@NullMarked
package dev.reseolio.bench;

import org.jspecify.annotations.NullMarked;
