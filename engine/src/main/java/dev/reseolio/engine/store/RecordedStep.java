package dev.reseolio.engine.store;

import dev.reseolio.engine.job.Payload;

/// A step that an execution of the job has finished, as later ones find it.
public record RecordedStep(String key, Payload result) {}
