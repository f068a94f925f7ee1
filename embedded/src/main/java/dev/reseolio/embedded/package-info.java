/// A real PostgreSQL that Reseolio starts itself: the default storage of `reseolio dev`, of the
/// demo and of the tests. Knows nothing of the engine and may import the JDK, pgjdbc, xz and
/// commons-compress only. `EmbeddedPostgres` is the door; everything else is package-private.
@NullMarked
package dev.reseolio.embedded;

import org.jspecify.annotations.NullMarked;
