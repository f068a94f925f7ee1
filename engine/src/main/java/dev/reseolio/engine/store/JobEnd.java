package dev.reseolio.engine.store;

import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Payload;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How a job ended.
///
/// @param attempt number of the last execution
/// @param result null unless succeeded
/// @param error null when succeeded
public record JobEnd(
    UUID id, JobStatus status, int attempt, @Nullable Payload result, @Nullable JobError error) {}
