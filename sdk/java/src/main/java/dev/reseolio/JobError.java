package dev.reseolio;

/// What went wrong in an attempt.
///
/// @param type class or code of the error, e.g. `IllegalStateException`, `Timeout`, `WorkerLost`
/// @param message for people
/// @param stack stack trace; empty when there is none
public record JobError(String type, String message, String stack) {}
