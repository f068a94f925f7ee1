/// Bounds what requests take up from their first byte until what serves them has taken them, and
/// tells how much of the answers the sockets have not taken. Stands between the sockets (`net`) and
/// the calls; imports `rpc` for the shape of errors, and `log`.
@NullMarked
package dev.reseolio.server.traffic;

import org.jspecify.annotations.NullMarked;
