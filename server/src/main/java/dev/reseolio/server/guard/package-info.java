/// Stands before every gRPC call: keeps out what is no message of the contract and, when tokens are
/// configured, what the table does not allow. Imports `access`, and `rpc` for the shape of errors.
@NullMarked
package dev.reseolio.server.guard;

import org.jspecify.annotations.NullMarked;
