/// Stands before every gRPC call: keeps out what is no message of the contract and, when tokens are
/// configured, what the table does not allow; and bounds what clients do not read. Imports
/// `access`, `traffic` for what sockets have not taken, and `rpc` for the shape of errors.
@NullMarked
package dev.reseolio.server.guard;

import org.jspecify.annotations.NullMarked;
