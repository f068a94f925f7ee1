/// The running side: the Work stream, the attempts this process holds, the threads that run
/// handlers, the steps and outcomes sent back.
///
/// May import `internal.wire`. A job leaves through [Outbox] and is over when the server says
/// Committed. Not for applications.
@NullMarked
package dev.reseolio.internal.worker;

import org.jspecify.annotations.NullMarked;
