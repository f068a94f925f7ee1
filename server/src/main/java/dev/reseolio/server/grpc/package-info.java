/// The gRPC edge: transport, limits, health and reflection. The services are plugged in. Imports
/// grpc, `config` for addresses and `net` for sockets.
@NullMarked
package dev.reseolio.server.grpc;

import org.jspecify.annotations.NullMarked;
