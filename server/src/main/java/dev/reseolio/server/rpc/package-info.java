/// The gRPC services: parse, call the engine, answer. No rule of a job lives here.
///
/// Imports the engine's façade and the generated contract.
@NullMarked
package dev.reseolio.server.rpc;

import org.jspecify.annotations.NullMarked;
