/// The calling side: the connection, the batcher that enqueues, the stream of results, the single
/// calls on a job.
///
/// May import `internal.wire` and `internal.sidecar` (to ask where the server is). A job goes on in
/// the server, then in `internal.worker`. Not for applications.
@NullMarked
package dev.reseolio.internal.client;

import org.jspecify.annotations.NullMarked;
