/// Sockets the JDK lacks: UNIX domain sockets in the shape of `ServerSocket`, which is what
/// grpc-okhttp takes. Imports the JDK, the engine's `machine`, and `log` to say that a limit is
/// reached.
@NullMarked
package dev.reseolio.server.net;

import org.jspecify.annotations.NullMarked;
