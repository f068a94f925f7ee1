package dev.reseolio.engine.job;

import org.jspecify.annotations.Nullable;

/// What went wrong in an attempt, as the worker reported it or as the engine found it. Texts are
/// cut to what is kept.
///
/// @param type class or code, at most 255 characters
/// @param message for people, at most 8192 characters
/// @param stack at most 16384 characters; null: none
public record JobError(String type, String message, @Nullable String stack) {
  public JobError {
    type = Text.clip(type.isEmpty() ? "Error" : type, Text.MAX_NAME);
    message = Text.clip(message, 8192);
    stack = stack == null || stack.isEmpty() ? null : Text.clip(stack, 16384);
  }

  public static JobError of(String type, String message) {
    return new JobError(type, message, null);
  }
}
