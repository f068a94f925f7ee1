package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.Outcome;

/// An outcome as a worker reports it.
public record Reported(LeaseKey lease, Outcome outcome) {}
