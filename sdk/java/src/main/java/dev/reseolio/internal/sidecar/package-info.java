/// Where the server is: at a given address, in a child process, or in a process shared by the
/// applications of this host.
///
/// May import the JDK, `dev.reseolio` and `internal`; knows nothing of gRPC. Not for applications.
@NullMarked
package dev.reseolio.internal.sidecar;

import org.jspecify.annotations.NullMarked;
