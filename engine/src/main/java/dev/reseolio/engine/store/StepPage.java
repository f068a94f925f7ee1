package dev.reseolio.engine.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Steps of one job, by key.
///
/// @param next the key after which the next page begins; null: there are no more
public record StepPage(List<RecordedStep> steps, @Nullable String next) {}
