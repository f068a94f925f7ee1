package dev.reseolio;

import java.time.Instant;

/// A finished step of a job: executions that follow do not do it again.
///
/// @param key the step's name, and from its second occurrence on `#` and the number, e.g.
///   `charge#2`
/// @param attempt number of the execution that did it
/// @param recordedAt when its result was stored
/// @param resultBytes size of its result
public record JobStep(String key, int attempt, Instant recordedAt, long resultBytes) {}
