/// The suites, one class each.
@NullMarked
package dev.reseolio.bench.suite;

import org.jspecify.annotations.NullMarked;
