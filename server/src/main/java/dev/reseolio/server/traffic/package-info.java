/// Bounds what requests take up from their first byte until what serves them has taken them. Stands
/// between the sockets (`net`) and the calls; imports `rpc` for the shape of errors.
@NullMarked
package dev.reseolio.server.traffic;

import org.jspecify.annotations.NullMarked;
