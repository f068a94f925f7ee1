package dev.reseolio.engine.flush;

import java.util.UUID;

/// The committed answer to an enqueue.
///
/// @param deduplicated the key named a job that existed already
public record Enqueued(UUID id, boolean deduplicated) {}
