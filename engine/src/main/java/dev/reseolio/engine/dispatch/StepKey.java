package dev.reseolio.engine.dispatch;

/// Names one step of one execution.
public record StepKey(LeaseKey lease, String key) {}
