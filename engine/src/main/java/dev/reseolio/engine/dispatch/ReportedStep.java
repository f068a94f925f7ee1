package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.Payload;

/// A finished step as a worker reports it.
public record ReportedStep(StepKey step, Payload result) {}
