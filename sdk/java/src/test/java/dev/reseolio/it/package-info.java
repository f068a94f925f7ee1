/// The SDK against a real sidecar and a real PostgreSQL: run with `-Dit`, the sidecar named by the
/// environment's RESEOLIO_BIN, the storage by RESEOLIO_TEST_STORAGE (omitted: embedded). Tests wait
/// for signals, never sleep.
@NullMarked
package dev.reseolio.it;

import org.jspecify.annotations.NullMarked;
