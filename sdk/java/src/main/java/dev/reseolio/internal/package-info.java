/// Small helpers every internal package uses: checks, logging, drain loops, reconnect delays, names
/// of threads.
///
/// May import the JDK and the exceptions of `dev.reseolio`; nothing of gRPC. Not for applications.
@NullMarked
package dev.reseolio.internal;

import org.jspecify.annotations.NullMarked;
