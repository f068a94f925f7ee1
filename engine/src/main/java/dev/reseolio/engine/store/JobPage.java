package dev.reseolio.engine.store;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One page of a listing. It may be shorter than asked, even empty, although there is a next one:
/// what no index finds is looked for among a bounded number of jobs.
///
/// @param next `before` of the following page; null: this is the last
public record JobPage(List<JobView> jobs, @Nullable UUID next) {}
