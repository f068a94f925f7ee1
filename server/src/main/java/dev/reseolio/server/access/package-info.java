/// Who may do what: tokens, roles, and the one table of what each role may do. Knows neither gRPC's
/// server nor HTTP; `guard` and `http` ask it. Loaded only when a tokens file is configured, but
/// for `Caller`.
@NullMarked
package dev.reseolio.server.access;

import org.jspecify.annotations.NullMarked;
