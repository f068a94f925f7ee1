package dev.reseolio.engine.store;

import dev.reseolio.engine.job.JobStatus;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which jobs to list. Null or empty: any.
///
/// @param before only jobs with a smaller id: the end of the page before; null: from the newest
/// @param size 1 to 1000
public record JobFilter(
    Set<JobStatus> statuses,
    @Nullable String function,
    @Nullable String queue,
    @Nullable String tag,
    @Nullable Instant createdAfter,
    @Nullable Instant createdBefore,
    @Nullable UUID before,
    int size) {}
