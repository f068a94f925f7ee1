/// The sidecar's composition: configuration → storage → engine → gRPC → HTTP → ready, and back in
/// the opposite order. May import every package of the server and the embedded PostgreSQL; only
/// `SidecarEngine` is seen by the one who plugs the engine in.
@NullMarked
package dev.reseolio.server;

import org.jspecify.annotations.NullMarked;
