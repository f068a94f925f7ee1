/// The vocabulary and the rules of a job: pure values and pure functions. No I/O, no clock, no
/// thread.
///
/// Imports nothing of Reseolio. A job's line goes on in `store`, which keeps these values, and in
/// `flush`, which commits them in groups.
@NullMarked
package dev.reseolio.engine.job;

import org.jspecify.annotations.NullMarked;
