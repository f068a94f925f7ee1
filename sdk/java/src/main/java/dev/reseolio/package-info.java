/// What an application sees of Reseolio: define durable functions, call them, follow the jobs.
///
/// May import `dev.reseolio.internal`, never the other way for anything but the plain types
/// declared here. The line of a job goes from [Durable1] to `dev.reseolio.internal.client`
/// (enqueue, results) and comes back through `dev.reseolio.internal.worker`.
@NullMarked
package dev.reseolio;

import org.jspecify.annotations.NullMarked;
