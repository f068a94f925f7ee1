package dev.reseolio.engine.dispatch;

import java.util.UUID;

/// What a worker shows to report on an execution.
///
/// @param token tells two leases of the same execution number apart
public record LeaseKey(UUID job, int attempt, long token) {}
