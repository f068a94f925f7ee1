package dev.reseolio;

/// What the body of a step may want to know.
///
/// @param key the step's name, and from its second occurrence in the handler on `#` and the number,
///   e.g. `charge#2`
/// @param idempotencyKey `<job id>/<key>`, the same whenever this step of this job is run: to be
///   given to whatever the body calls, so that it has its effect once
public record StepContext(String key, String idempotencyKey) {}
