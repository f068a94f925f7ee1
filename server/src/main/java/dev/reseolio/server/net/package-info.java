/// Sockets the JDK lacks: UNIX domain sockets in the shape of `ServerSocket`, which is what
/// grpc-okhttp takes; and what bounds connections and the pace at which they are read. Imports the
/// JDK, the engine's `machine`, `traffic`, and `log` to say that a limit is reached.
@NullMarked
package dev.reseolio.server.net;

import org.jspecify.annotations.NullMarked;
