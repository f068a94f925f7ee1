/// TLS of the edges, from PEM files that may be replaced while it runs. Loaded only when it is
/// configured. Imports the JDK, `config` for the files' names and `access` to watch and read them.
@NullMarked
package dev.reseolio.server.tls;

import org.jspecify.annotations.NullMarked;
