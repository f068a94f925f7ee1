/// Stands before every gRPC call when tokens are configured: finds the caller, and keeps out what
/// the table does not allow. Imports `access`, and `rpc` for the shape of errors.
@NullMarked
package dev.reseolio.server.guard;

import org.jspecify.annotations.NullMarked;
